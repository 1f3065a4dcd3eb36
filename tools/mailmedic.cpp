// mailmedic NAME ARGUMENTS runs mailmedic-NAME, which lies beside it, as git does.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

namespace {

struct Tool {
  const char *name, *what;
};

constexpr Tool tools[] = {
    {"audit", "everything about a mail domain, in one report"},
    {"domain", "the DNS side of a domain: MX, SPF, DKIM keys, DMARC, reverse DNS"},
    {"spf", "what SPF says of a sender, with the cost of each term"},
    {"blocklist", "which lists name an address or a domain"},
    {"connect", "every step of a connection to a mail server, and where it stops"},
    {"tls", "which TLS a mail server takes, its certificates, and what each kind of sender makes of it"},
    {"message", "what SPF, DKIM and DMARC say of a message, and why a signature broke"},
    {"bounce", "why mail came back, what to change, and whether what the receiver said is still so"},
    {"lint", "the form and the words of a message: what is refused, what counts against it"},
    {"send", "composes, signs and sends a message, and tells what became of it"},
    {"listen", "takes messages on a port and writes a report about each: SPF, DKIM, DMARC, TLS"},
    {"sign", "DKIM signatures in front of messages; does the published key fit?"},
    {"keygen", "a new DKIM key, and the record that publishes it"},
    {"log", "what a mail server's log says was delivered, deferred, bounced and rejected, and why"},
    {"reports", "what receivers report of a domain's mail and TLS, and what today's records say of it"},
    {"explain", "what a finding means and how to mend it"},
    {"demo", "a small mail world with faults on this machine, and its audit; needs no network"},
};

void help(std::FILE* out) {
  std::fputs(
      "Usage: mailmedic TOOL [OPTIONS] [ARGUMENTS]\n\n"
      "Tells why mail is bounced, refused or filed as spam, and what to change.\n\nTools:\n",
      out);
  for (const auto& [name, what] : tools) std::fprintf(out, "  %-11s%s\n", name, what);
  std::fputs(
      "\nExamples:\n"
      "  # see what a report looks like, without a network\n"
      "  mailmedic demo\n"
      "  # audit a domain and the address that sends its mail\n"
      "  mailmedic audit example.org --ip 192.0.2.25 --helo mail.example.org\n"
      "\nmailmedic TOOL --help tells the options of one tool.\n",
      out);
}

/// The folder of this program, or empty.
std::string own_folder() {
  std::string path(4096, '\0');
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  if (length <= 0) return {};
  path.resize(static_cast<std::size_t>(length));
  return path.substr(0, path.rfind('/'));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first.empty() || first == "--help" || first == "-h" || first == "help") {
    help(first.empty() ? stderr : stdout);
    return first.empty() ? 3 : 0;
  }
  if (first == "--version") {
    std::puts("mailmedic " MAILMEDIC_VERSION);
    return 0;
  }
  const bool is_name = first.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos && first[0] != '-';
  if (is_name) {
    const std::string path = own_folder() + "/mailmedic-" + std::string(first);
    ::execv(path.c_str(), argv + 1);
    if (errno != ENOENT) {
      std::fprintf(stderr, "mailmedic: cannot run %s: %s\n", path.c_str(), std::strerror(errno));
      return 3;
    }
  }
  std::fputs("mailmedic: there is no tool of that name. Tools:", stderr);
  for (const auto& [name, what] : tools) std::fprintf(stderr, " %s", name);
  std::fputs("\nTry: mailmedic --help\n", stderr);
  return 3;
}
