// mailmedic domain: what DNS says of a mail domain.
#include "checks/table/table.hpp"
#include "tools/cli/check_run.hpp"
#include "tools/cli/signing_options.hpp"

using namespace mailmedic;

int main(int argc, char** argv) {
  cli::CommandLine line({
      "domain",
      "[OPTIONS] DOMAIN...",
      "The DNS side of a mail domain: MX, DNSSEC, SPF, DKIM keys, DMARC, DANE, MTA-STS, TLS reports, BIMI. Fetches the\n"
      "policies and logos that the records name over HTTPS; connects to no mail server.",
      {{"look at a domain", "mailmedic domain example.org"},
       {"with the DKIM selectors in use", "mailmedic domain example.org --selector s1 --selector s2"},
       {"with the selectors of a signed message, and the key that signs", "mailmedic domain example.org --message signed.eml --key /etc/dkim/s1.key"},
       {"a domain in another script, as JSON", "mailmedic domain bücher.example --json"}},
  });
  line.options().add_options()("new-certificate", cli::po::value<std::string>()->value_name("FILE"),
                               "hold a certificate that is to be installed (PEM, with its chain) against the TLSA records");
  cli::add_signing_options(line);
  if (const auto status = line.parse(argc, argv)) return *status;
  Target pattern{.domain = {}, .private_world = cli::is_private_world(line.common()), .mail_servers = false};
  if (const std::string wrong = cli::read_signing_options(line, pattern); !wrong.empty()) return line.fail(wrong);
  if (line.has("new-certificate")) {
    auto chain = cli::read_certificates(line.text("new-certificate"));
    if (!chain) return line.fail(chain.error().why);
    pattern.new_certificate = std::move(*chain);
  }
  auto targets = cli::Targets::open(std::move(pattern), line.arguments(), {});
  if (!targets) return line.fail(targets.error().why);
  static constexpr std::string_view ids[] = {"mx", "dnssec", "spf", "dkim", "dmarc", "dane", "mta_sts", "tls_rpt", "bimi"};
  return cli::check_targets({.tool = "domain", .checks = checks_named(ids)}, **targets, line.common());
}
