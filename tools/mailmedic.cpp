// mailmedic NAME ARGUMENTS runs mailmedic-NAME, which lies beside it, as git does.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

namespace {

constexpr std::pair<std::string_view, std::string_view> tools[] = {
    {"audit", "everything about a mail domain, in one report"},
    {"domain", "the DNS side of a domain: MX, SPF, DKIM keys, DMARC, reverse DNS"},
    {"spf", "what SPF says of a sender, with the cost of each term"},
    {"blocklist", "which lists name an address or a domain"},
    {"connect", "every step of a connection to a mail server, and where it stops"},
    {"explain", "what a finding means and how to mend it"},
    {"demo", "a small mail world with faults on this machine, and its audit; needs no network"},
};

void help(std::ostream& out) {
  out << "Usage: mailmedic TOOL [OPTIONS] [ARGUMENTS]\n\n"
         "Tells why mail is bounced, refused or filed as spam, and what to change.\n\nTools:\n";
  for (const auto& [name, what] : tools) out << fmt::format("  {:<11}{}\n", name, what);
  out << "\nExamples:\n"
         "  # see what a report looks like, without a network\n"
         "  mailmedic demo\n"
         "  # audit a domain and the address that sends its mail\n"
         "  mailmedic audit example.org --ip 192.0.2.25 --helo mail.example.org\n"
         "\nmailmedic TOOL --help tells the options of one tool.\n";
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first.empty() || first == "--help" || first == "-h" || first == "help") {
    help(first.empty() ? std::cerr : std::cout);
    return first.empty() ? 3 : 0;
  }
  if (first == "--version") {
    std::cout << "mailmedic " MAILMEDIC_VERSION "\n";
    return 0;
  }
  const bool is_name = first.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos && first[0] != '-';
  if (is_name) {
    std::error_code failed;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
    const std::string path = (self.parent_path() / fmt::format("mailmedic-{}", first)).string();
    ::execv(path.c_str(), argv + 1);
    if (errno != ENOENT) {
      std::cerr << fmt::format("mailmedic: cannot run {}: {}\n", path, std::strerror(errno));
      return 3;
    }
  }
  std::cerr << "mailmedic: there is no tool of that name. Tools:";
  for (const auto& [name, what] : tools) std::cerr << ' ' << name;
  std::cerr << "\nTry: mailmedic --help\n";
  return 3;
}
