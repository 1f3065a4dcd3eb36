// mailmedic audit: everything about a mail domain, in one report.
#include "tools/cli/output.hpp"
#include "tools/cli/run.hpp"

using namespace mailmedic;

int main(int argc, char** argv) {
  cli::CommandLine line({
      "audit",
      "[OPTIONS] DOMAIN...",
      "Audits a mail domain: its mail exchangers and their TLS, SPF, DKIM keys, DMARC, block lists, and the\n"
      "identity of the hosts that send its mail. Root causes come first, each with evidence and remedy.",
      {{"audit a domain with the address that sends its mail", "mailmedic audit example.org --ip 192.0.2.25 --helo mail.example.org"},
       {"with the DKIM selectors in use, as a page to forward", "mailmedic audit example.org --selector s1 --selector s2 --format html -o report.html"},
       {"for a monitoring system", "mailmedic audit example.org --format nagios"},
       {"in Chinese", "mailmedic audit example.org --lang zh"}},
  });
  using Texts = std::vector<std::string>;
  // clang-format off
  line.options().add_options()
      ("ip", cli::po::value<Texts>()->value_name("ADDR"), "an address that sends the domain's mail (repeatable)")
      ("selector", cli::po::value<Texts>()->value_name("NAME"), "a DKIM selector in use (repeatable)")
      ("helo", cli::po::value<std::string>()->value_name("NAME"), "the name that the sending host says in EHLO")
      ("list", cli::po::value<Texts>()->value_name("ZONE"), "ask this block list instead of the known ones (repeatable)")
      ("my-name", cli::po::value<std::string>()->value_name("NAME"), "our own name in EHLO while probing (default: this host's)")
      ("dns-only", cli::po::bool_switch(), "make no connection to mail servers");
  // clang-format on
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.arguments().empty()) return line.fail("which domain? Give one as example.org");

  const auto addresses = cli::parse_addresses(line.texts("ip"));
  if (!addresses) return line.fail(addresses.error().why);
  std::vector<Target> targets;
  for (const std::string& argument : line.arguments()) {
    const auto domain = cli::parse_domain(argument);
    if (!domain) return line.fail(domain.error().why);
    Target target{.domain = *domain, .sending_addresses = *addresses, .selectors = line.texts("selector"), .blocklists = line.texts("list")};
    if (line.has("helo")) target.helo = line.text("helo");
    target.ipv4 = line.common().ipv4;
    target.ipv6 = line.common().ipv6;
    target.private_world = cli::is_private_world(line.common());
    targets.push_back(std::move(target));
  }
  std::vector<Check> checks(all_checks().begin(), all_checks().end());
  if (line.flag("dns-only")) std::erase_if(checks, [](const Check& check) { return check.id == "smtp" || check.id == "starttls"; });

  auto network = cli::Network::make(line.common(), line.text("my-name"));
  if (!network) return line.fail(network.error().why);
  return cli::print(cli::run_checks("audit", checks, targets, **network, line.common()), line.common());
}
