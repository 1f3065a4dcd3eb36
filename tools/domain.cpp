// mailmedic domain: what DNS says of a mail domain.
#include "tools/cli/output.hpp"
#include "tools/cli/run.hpp"

using namespace mailmedic;

int main(int argc, char** argv) {
  cli::CommandLine line({
      "domain",
      "[OPTIONS] DOMAIN...",
      "The DNS side of a mail domain: MX, SPF, DKIM keys, DMARC. Connects to no mail server.",
      {{"look at a domain", "mailmedic domain example.org"},
       {"with the DKIM selectors in use", "mailmedic domain example.org --selector s1 --selector s2"},
       {"a domain in another script, as JSON", "mailmedic domain bücher.example --json"}},
  });
  line.options().add_options()("selector", cli::po::value<std::vector<std::string>>()->value_name("NAME"), "a DKIM selector in use (repeatable)");
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.arguments().empty()) return line.fail("which domain? Give one as example.org");

  std::vector<Target> targets;
  for (const std::string& argument : line.arguments()) {
    const auto domain = cli::parse_domain(argument);
    if (!domain) return line.fail(domain.error().why);
    targets.push_back({.domain = *domain, .selectors = line.texts("selector"), .private_world = cli::is_private_world(line.common())});
  }
  static constexpr std::string_view ids[] = {"mx", "spf", "dkim", "dmarc"};
  auto network = cli::Network::make(line.common());
  if (!network) return line.fail(network.error().why);
  return cli::print(cli::run_checks("domain", checks_named(ids), targets, **network, line.common()), line.common());
}
