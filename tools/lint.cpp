// mailmedic lint: the form and the words of a message, before it is sent or after it came.
#include "checks/lint/judge.hpp"
#include "checks/table/table.hpp"
#include "lib/text/shown.hpp"
#include "tools/cli/check_run.hpp"
#include "tools/cli/list_options.hpp"
#include "tools/cli/message_input.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/output.hpp"

using namespace mailmedic;

namespace {

asio::awaitable<void> look(const std::string& text, const lint::Circumstances& about, dns::Resolver& dns, CheckReport& report) {
  report = co_await lint::check(text, about, dns);
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "lint",
      "[OPTIONS] FILE...",
      "Reads a message as a strict receiver does: header, MIME parts, HTML, links, unsubscription and trace, and tells what\n"
      "is refused or counts against it. FILE is one message (RFC 5322), sent or not yet sent; - is standard input.",
      {{"is this newsletter fit to be sent?", "mailmedic lint newsletter.eml --marketing"},
       {"without questions to lists of domains", "mailmedic lint letter.eml --no-lists"},
       {"as JSON", "mailmedic lint letter.eml --json"}},
  });
  cli::add_list_options(line);
  // clang-format off
  line.options().add_options()
      ("marketing", cli::po::bool_switch(), "it advertises: unsubscription, the sender's address and the label are required")
      ("no-lists", cli::po::bool_switch(), "do not ask lists about the domains of links");
  // clang-format on
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.arguments().empty()) return line.fail("no message: name a FILE, or - for standard input");
  lint::Circumstances about;
  about.marketing = line.flag("marketing");
  if (!line.flag("no-lists")) {
    const auto lists = cli::chosen_lists(line);
    if (!lists) return line.fail(lists.error().why);
    about.lists = *lists;
  }
  auto network = cli::Network::make(line.common());
  if (!network) return line.fail(network.error().why);
  about.now = (*network)->probes().now;
  std::vector<reports::Report> reports;
  for (const std::string& file : line.arguments()) {
    const auto text = cli::read_message(file);
    if (!text) return line.fail(text::shown(text.error().why, 300));
    reports::Report& report = reports.emplace_back(cli::begin_report("lint", file));
    CheckReport& check = report.checks.emplace_back();
    const auto begin = std::chrono::steady_clock::now();
    if (!(*network)->run(look(*text, about, (*network)->probes().dns, check))) check = interrupted({"lint", "", nullptr});
    report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    if (auto trouble = (*network)->resolver_trouble()) report.checks.insert(report.checks.begin(), std::move(*trouble));
  }
  return cli::print(std::move(reports), line.common());
}
