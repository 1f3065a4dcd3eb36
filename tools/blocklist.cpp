// mailmedic blocklist: which lists name an address or a domain.
#include "checks/blocklist/check.hpp"
#include "checks/table/table.hpp"
#include "lib/text/ascii.hpp"
#include "tools/cli/list_options.hpp"
#include "tools/cli/output.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/targets.hpp"

using namespace mailmedic;

namespace {
boost::asio::awaitable<void> ask(const std::vector<blocklist::Subject>& subjects, const blocklist::Lists& lists, dns::Resolver& dns, CheckReport& report) {
  report = co_await blocklist::check_subjects(subjects, lists, dns, false);
}
}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "blocklist",
      "[OPTIONS] ADDRESS-OR-DOMAIN...",
      "Asks block and allow lists about addresses and domains, all at once. A list is believed only after its test\n"
      "entries; one that refuses, is dead, is rewritten on the way or does not answer is never a listing.",
      {{"is this address on a list?", "mailmedic blocklist 192.0.2.25"},
       {"a domain and an IPv6 address", "mailmedic blocklist example.org 2001:db8::25"},
       {"ask two lists only, through a resolver of one's own", "mailmedic blocklist 192.0.2.25 --list zen.spamhaus.org --list bl.spamcop.net --resolver 192.0.2.53"},
       {"only lists that many receivers ask, with one's own key", "mailmedic blocklist 192.0.2.25 --tier high --list-keys keys.toml"}},
  });
  cli::add_list_options(line);
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.arguments().empty()) return line.fail("which address or domain?");

  std::vector<blocklist::Subject> subjects;
  for (const std::string& argument : line.arguments()) {
    if (const auto address = net::parse_address(argument)) {
      subjects.push_back(*address);
      continue;
    }
    const auto domain = cli::parse_domain(argument);
    if (!domain) return line.fail(domain.error().why);
    subjects.push_back(*domain);
  }
  const auto lists = cli::chosen_lists(line);
  if (!lists) return line.fail(lists.error().why);

  auto network = cli::Network::make(line.common());
  if (!network) return line.fail(network.error().why);
  reports::Report report = cli::begin_report("blocklist", text::joined(line.arguments(), ", "));
  CheckReport asked;
  const auto begin = std::chrono::steady_clock::now();
  const bool finished = (*network)->run(ask(subjects, **lists, (*network)->probes().dns, asked));
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  if (!finished) asked = interrupted({"blocklist", "", nullptr});
  report.facts = std::move(asked.facts);
  asked.facts.clear();
  report.checks.push_back(std::move(asked));
  return cli::print({std::move(report)}, line.common());
}
