// mailmedic audit: everything about a mail domain, in one report.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <thread>

#include "checks/table/table.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"
#include "tools/cli/check_run.hpp"
#include "tools/cli/list_options.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/profile.hpp"
#include "tools/cli/self.hpp"
#include "tools/cli/signing_options.hpp"

using namespace mailmedic;

namespace {

text::Parsed<std::vector<Check>> parse_checks(std::string_view text) {
  std::vector<std::string_view> wanted, known;
  for (const Check& check : all_checks()) known.push_back(check.id);
  for (const std::string_view id : text::split(text, ',')) {
    if (std::find(known.begin(), known.end(), id) == known.end()) {
      std::string all;
      for (const std::string_view one : known) all += fmt::format("{}{}", all.empty() ? "" : ", ", one);
      return text::ParseError{0, fmt::format("--checks {}: no such check; there are {}", text::shown(id, 100), all)};
    }
    wanted.push_back(id);
  }
  return checks_named(wanted);
}

/// Who sends the domain's mail, as the options tell or as this machine itself shows; an error text, or empty.
std::string read_sender(const cli::CommandLine& line, Target& pattern) {
  auto addresses = cli::parse_addresses(line.texts("ip"));
  if (!addresses) return addresses.error().why;
  pattern.sending_addresses = std::move(*addresses);
  if (line.has("helo")) pattern.helo = line.text("helo");
  if (line.has("mail-from")) {
    const auto domain = cli::parse_domain(line.text("mail-from"));
    if (!domain) return "--mail-from " + domain.error().why;
    pattern.mail_from = *domain;
  }
  if (!line.flag("self")) return line.has("reflector") ? "--reflector is for --self: give both" : "";
  auto network = cli::Network::make(line.common());
  if (!network) return network.error().why;
  const auto own = cli::own_addresses(line.text("reflector"), **network, line.common());
  if (!own) return own.error().why;
  pattern.sending_addresses.insert(pattern.sending_addresses.end(), own->begin(), own->end());
  if (!pattern.helo) pattern.helo = cli::own_host_name();
  return {};
}

/// Nothing when it is no number from 1 to 10000.
std::optional<std::size_t> in_flight(const std::string& text, std::size_t otherwise) {
  if (text.empty()) return otherwise;
  std::size_t number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc() || end != text.data() + text.size() || number < 1 || number > 10'000) return std::nullopt;
  return number;
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "audit",
      "[OPTIONS] [DOMAIN...]",
      "Audits a mail domain: its mail exchangers and their TLS, SPF, DKIM keys, DMARC, block lists, and the\n"
      "identity of the hosts that send its mail. Root causes come first, each with evidence and remedy.",
      {{"audit a domain with the address that sends its mail", "mailmedic audit example.org --ip 192.0.2.25 --helo mail.example.org"},
       {"with the DKIM selectors in use, as a page to forward", "mailmedic audit example.org --selector s1 --selector s2 --format html -o report.html"},
       {"on the machine that sends the mail", "mailmedic audit example.org --self"},
       {"for a monitoring system", "mailmedic audit example.org --format nagios"},
       {"in Chinese", "mailmedic audit example.org --lang zh"},
       {"what Gmail and Microsoft ask of a bulk sender", "mailmedic audit example.org --ip 192.0.2.25 --profile gmail,microsoft --bulk"},
       {"what DNS says of a fleet, one JSON document a line", "mailmedic audit --dns-only --input domains.txt --format ndjson -o fleet.ndjson"},
       {"a table of some checks, domains from another command", "list-domains | mailmedic audit --input - --checks mx,spf,dmarc --format csv"}},
  });
  using Texts = std::vector<std::string>;
  // clang-format off
  line.options().add_options()
      ("ip", cli::po::value<Texts>()->value_name("ADDR"), "an address that sends the domain's mail (repeatable)")
      ("helo", cli::po::value<std::string>()->value_name("NAME"), "the name that the sending host says in EHLO")
      ("self", cli::po::bool_switch(), "this machine sends the mail: find its own addresses and name, and audit them")
      ("reflector", cli::po::value<std::string>()->value_name("URL"), "with --self behind NAT: a page that answers with the caller's address alone")
      ("mail-from", cli::po::value<std::string>()->value_name("DOMAIN"), "the domain of the envelope sender, where it is another")
      ("my-name", cli::po::value<std::string>()->value_name("NAME"), "our own name in EHLO while probing (default: this host's)")
      ("dns-only", cli::po::bool_switch(), "ask DNS only: connect to no mail server and no web server")
      ("checks", cli::po::value<std::string>()->value_name("IDS"), "only these checks, as mx,spf,dmarc")
      ("new-certificate", cli::po::value<std::string>()->value_name("FILE"), "hold a certificate that is to be installed (PEM, with its chain) against the TLSA records")
      ("input", cli::po::value<std::string>()->value_name("FILE"), "audit the domains in FILE too (- is standard input), one a line;\nbehind a domain may stand ip=ADDR selector=S1,S2 helo=NAME")
      ("in-flight", cli::po::value<std::string>()->value_name("N"), "domains at once (default: 256 with --dns-only, else 16)")
      ("unordered", cli::po::bool_switch(), "print each report when it is done, not in the order of the domains");
  // clang-format on
  cli::add_signing_options(line);
  cli::add_profile_options(line, "the domain");
  cli::add_list_options(line);
  if (const auto status = line.parse(argc, argv)) return *status;
  Target pattern{.domain = {}};
  if (const std::string why = read_sender(line, pattern); !why.empty()) return line.fail(why);
  if (const std::string why = cli::read_signing_options(line, pattern); !why.empty()) return line.fail(why);
  if (line.has("new-certificate")) {
    auto chain = cli::read_certificates(line.text("new-certificate"));
    if (!chain) return line.fail(chain.error().why);
    pattern.new_certificate = std::move(*chain);
  }
  pattern.ipv4 = line.common().ipv4;
  pattern.ipv6 = line.common().ipv6;
  pattern.private_world = cli::is_private_world(line.common());

  const bool dns_only = line.flag("dns-only");
  pattern.mail_servers = !dns_only;
  cli::CheckRun run{.tool = "audit", .checks = {all_checks().begin(), all_checks().end()}, .helo = line.text("my-name")};
  if (line.has("checks")) {
    auto named = parse_checks(line.text("checks"));
    if (!named) return line.fail(named.error().why);
    run.checks = std::move(*named);
  }
  run.dns_only = dns_only;
  if (dns_only) std::erase_if(run.checks, [](const Check& check) { return check.connects; });
  if (run.checks.empty()) return line.fail("with --dns-only none of these checks is left: they connect to mail servers");

  pattern.one_of_many = dns_only && (line.has("input") || line.arguments().size() > 8);
  if (std::any_of(run.checks.begin(), run.checks.end(), [](const Check& check) { return check.id == "blocklist"; })) {
    auto lists = cli::chosen_lists(line);
    if (!lists) return line.fail(lists.error().why);
    pattern.lists = std::move(*lists);
  }
  const auto wanted = cli::wanted_receivers(line);
  if (!wanted) return line.fail(wanted.error().why);
  run.rules = wanted->rules;
  run.profile = wanted->profile;
  auto targets = cli::Targets::open(std::move(pattern), line.arguments(), line.text("input"));
  if (!targets) return line.fail(targets.error().why);
  if ((*targets)->are_many()) {
    const auto at_once = in_flight(line.text("in-flight"), dns_only ? 256 : 16);
    if (!at_once) return line.fail(fmt::format("--in-flight {}: give a number from 1 to 10000", text::shown(line.text("in-flight"), 100)));
    run.in_flight = *at_once;
    // Mail servers are met once an address: that takes one thread, which knows all of them.
    if (dns_only) run.threads = std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
    run.in_order = !line.flag("unordered");
  }
  return cli::check_targets(run, **targets, line.common());
}
