// mailmedic domain: what DNS says of a mail domain.
#include "checks/table/table.hpp"
#include "tools/cli/check_run.hpp"

using namespace mailmedic;

int main(int argc, char** argv) {
  cli::CommandLine line({
      "domain",
      "[OPTIONS] DOMAIN...",
      "The DNS side of a mail domain: MX, DNSSEC, SPF, DKIM keys, DMARC, DANE, MTA-STS, TLS reports, BIMI. Fetches the\n"
      "policies and logos that the records name over HTTPS; connects to no mail server.",
      {{"look at a domain", "mailmedic domain example.org"},
       {"with the DKIM selectors in use", "mailmedic domain example.org --selector s1 --selector s2"},
       {"a domain in another script, as JSON", "mailmedic domain bücher.example --json"}},
  });
  line.options().add_options()("selector", cli::po::value<std::vector<std::string>>()->value_name("NAME"), "a DKIM selector in use (repeatable)");
  if (const auto status = line.parse(argc, argv)) return *status;
  Target pattern{.domain = {}, .selectors = line.texts("selector"), .private_world = cli::is_private_world(line.common()), .mail_servers = false};
  auto targets = cli::Targets::open(std::move(pattern), line.arguments(), {});
  if (!targets) return line.fail(targets.error().why);
  static constexpr std::string_view ids[] = {"mx", "dnssec", "spf", "dkim", "dmarc", "dane", "mta_sts", "tls_rpt", "bimi"};
  return cli::check_targets({.tool = "domain", .checks = checks_named(ids)}, **targets, line.common());
}
