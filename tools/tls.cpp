// mailmedic tls: what a mail server takes for TLS, and what each kind of sender makes of it.
#include <fmt/format.h>

#include <charconv>

#include "checks/mail_survey.hpp"
#include "checks/starttls/certificate.hpp"
#include "checks/starttls/check.hpp"
#include "checks/table/table.hpp"
#include "checks/tls/caa.hpp"
#include "checks/tls/check.hpp"
#include "checks/tls/senders.hpp"
#include "checks/tls/without_name.hpp"
#include "lib/net/parallel.hpp"
#include "lib/smtp/other_certificates.hpp"
#include "lib/smtp/probe_json.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/iso_time.hpp"
#include "lib/tls/handshake_json.hpp"
#include "lib/tls/scan_json.hpp"
#include "tools/cli/destination.hpp"
#include "tools/cli/mail_measures.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/output.hpp"
#include "tools/cli/thresholds.hpp"

using namespace mailmedic;
using cli::Destination;
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

struct Wishes {
  smtp::ScanOptions scan;
  net::Families families;
  cli::Thresholds thresholds;
};

/// Everything of a run, filled as it goes.
struct Findings {
  smtp::Survey survey;
  std::vector<std::vector<std::optional<smtp::Probe>>> unnamed;  ///< handshakes without SNI, as `survey` has those with it
  std::vector<tls_scan::ScannedHost> scanned;
  std::vector<std::vector<std::vector<tls::Handshake>>> others;  ///< certificates that only the scan met, of each address
  std::vector<tls_scan::CaaFound> caa;  ///< of each host that has a name
  CheckReport reach{.check = "smtp"}, encryption{.check = "starttls"}, scan{.check = "tls"};
  std::vector<CheckReport> policies;  ///< "dane" and "mta_sts", for a domain
};

asio::awaitable<smtp::MailHosts> find(const Destination& destination, dns::Resolver& dns) {
  smtp::MailHosts mail;
  if (!destination.is_host) co_return co_await smtp::find_mail_hosts(dns, destination.name);
  mail.domain = destination.name;
  mail.kind = smtp::MailHosts::Kind::listed;
  mail.mx.status = dns::Status::answered;
  smtp::MailHost host;
  if (destination.address) {
    if (const auto name = dns::Name::parse(destination.address->to_string())) host.name = *name;
    host.a.status = host.aaaa.status = dns::Status::no_data;
    host.addresses = {*destination.address};
  } else {
    host = co_await smtp::find_addresses(dns, destination.name, 0);
  }
  mail.hosts.push_back(std::move(host));
  co_return mail;
}

asio::awaitable<tls_scan::ScannedHost> scan_host(const smtp::MailHost& host, const Destination& destination, const Wishes& wishes) {
  tls_scan::ScannedHost out;
  out.host = host.name.text();
  std::vector<asio::awaitable<smtp::Scanned>> work;
  for (const net::Address& address : host.addresses) {
    smtp::ScanRequest request{.endpoint = {address, destination.port.value_or(25)}};
    if (!destination.address) request.host = out.host;
    if (destination.encryption == smtp::Encryption::implicit) request.encryption = smtp::Encryption::implicit;
    request.speaks_smtp = destination.is_mail;
    work.push_back(smtp::scan_tls(std::move(request), wishes.scan));
  }
  out.addresses = co_await net::in_parallel(std::move(work));
  co_return out;
}

/// A second handshake that names no host, where the first one showed a certificate.
asio::awaitable<std::optional<smtp::Probe>> probe_without_name(const smtp::Probe& named, smtp::Prober& prober) {
  if (named.request.host.empty() || !named.handshake || !named.handshake->completed) co_return std::nullopt;
  smtp::ProbeRequest request{.endpoint = named.connected_to, .encryption = named.request.encryption, .quit_after = smtp::Stage::tls};
  std::optional<smtp::Probe> out;
  out = co_await prober.probe(std::move(request));
  co_return out;
}

asio::awaitable<std::vector<std::optional<smtp::Probe>>> probe_without_name(const smtp::SurveyedHost& host, smtp::Prober& prober) {
  std::vector<asio::awaitable<std::optional<smtp::Probe>>> work;
  for (const smtp::Probe& named : host.probes) work.push_back(probe_without_name(named, prober));
  co_return co_await net::in_parallel(std::move(work));
}

/// One ordinary handshake with each address: chain, names, dates.
asio::awaitable<smtp::SurveyedHost> probe_host(smtp::MailHost host, const Destination& destination, smtp::Prober& prober) {
  std::vector<asio::awaitable<smtp::Probe>> work;
  for (const net::Address& address : host.addresses) {
    smtp::ProbeRequest request{.endpoint = {address, destination.port.value_or(25)}};
    if (!destination.address) request.host = host.name.text();
    if (destination.encryption == smtp::Encryption::implicit) request.encryption = smtp::Encryption::implicit;
    if (!destination.is_mail) request.quit_after = smtp::Stage::tls;
    work.push_back(prober.probe(std::move(request)));
  }
  smtp::SurveyedHost out;
  out.probes = co_await net::in_parallel(std::move(work));
  out.host = std::move(host);
  co_return out;
}

asio::awaitable<bool> survey(const Destination& destination, Probes& probes, Findings& out) {
  std::vector<asio::awaitable<smtp::SurveyedHost>> work;
  for (const smtp::MailHost& host : out.survey.mail.hosts) work.push_back(probe_host(host, destination, probes.smtp));
  out.survey.hosts = co_await net::in_parallel(std::move(work));
  std::vector<asio::awaitable<std::vector<std::optional<smtp::Probe>>>> again;
  for (const smtp::SurveyedHost& host : out.survey.hosts) again.push_back(probe_without_name(host, probes.smtp));
  out.unnamed = co_await net::in_parallel(std::move(again));
  co_return true;
}

asio::awaitable<bool> ask_caa(Probes& probes, Findings& out) {
  std::vector<asio::awaitable<tls_scan::CaaFound>> work;
  for (const smtp::MailHost& host : out.survey.mail.hosts) work.push_back(tls_scan::find_caa(probes.dns, host.name));
  out.caa = co_await net::in_parallel(std::move(work));
  co_return true;
}

asio::awaitable<bool> scan(const Destination& destination, const Wishes& wishes, Findings& out) {
  std::vector<asio::awaitable<tls_scan::ScannedHost>> work;
  for (const smtp::MailHost& host : out.survey.mail.hosts) work.push_back(scan_host(host, destination, wishes));
  out.scanned = co_await net::in_parallel(std::move(work));
  co_return true;
}

/// What DANE and MTA-STS ask of senders, by their own checks.
asio::awaitable<bool> ask_policies(const Destination& destination, const Wishes& wishes, Probes& probes, Findings& out) {
  Target target{.domain = destination.name};
  target.ipv4 = wishes.families.ipv4;
  target.ipv6 = wishes.families.ipv6;
  static constexpr std::string_view ids[] = {"dane", "mta_sts"};
  const std::vector<Check> checks = checks_named(ids);
  out.policies.resize(checks.size());
  co_await run_checks(checks, target, probes, out.policies, {});
  co_return true;
}

asio::awaitable<void> look(const Destination& destination, const Wishes& wishes, Probes& probes, Findings& out) {
  out.survey.mail = co_await find(destination, probes.dns);
  for (smtp::MailHost& host : out.survey.mail.hosts)
    std::erase_if(host.addresses, [&](const net::Address& address) { return !wishes.families.include(address); });
  if (!has_mail_hosts(out.survey.mail, out.reach)) co_return;
  std::vector<asio::awaitable<bool>> work;
  work.push_back(survey(destination, probes, out));
  work.push_back(scan(destination, wishes, out));
  if (!destination.address) work.push_back(ask_caa(probes, out));
  if (!destination.is_host) work.push_back(ask_policies(destination, wishes, probes, out));
  co_await net::in_parallel(std::move(work));
}

json::object address_facts(const smtp::Probe& probe, const smtp::Scanned& scanned) {
  json::object out = smtp::facts_of(probe);
  json::array versions;
  for (const tls::VersionFacts& version : scanned.versions) versions.push_back(tls::facts_of(version));
  out["protocols"] = std::move(versions);
  json::array sessions;
  for (const smtp::SessionFacts& session : scanned.sessions) sessions.push_back(smtp::facts_of(session));
  out["sessions"] = std::move(sessions);
  out["connections"] = scanned.connections;
  out["scan_ms"] = static_cast<double>(scanned.duration.count()) / 1000;
  return out;
}

std::string chain_line(int depth, const tls::Certificate& c) {
  return fmt::format("chain {}  {}  issuer {}  {} {}  {}  until {}", depth, c.subject, c.issuer, c.key_type, c.key_bits, c.signature, text::iso_time(c.not_after));
}

reports::Exhibit exhibit_of(const std::string& host, const smtp::Probe& probe, const smtp::Scanned& scanned, const std::vector<tls::Handshake>& others, const json::object& senders) {
  reports::Exhibit out;
  out.title = fmt::format("{} {} ({} connections, {:.0f} ms)", host, scanned.request.endpoint.text(), scanned.connections, static_cast<double>(scanned.duration.count()) / 1000);
  for (const tls::VersionFacts& facts : scanned.versions) {
    out.lines.push_back(fmt::format("{:<8} {:<8} {}", tls::version_text(facts.version), tls::support_text(facts.support), facts.how));
    if (facts.server_orders) out.lines.push_back(fmt::format("  order    {}", *facts.server_orders ? "the server's" : "the client's"));
    for (const tls::SuiteSeen& seen : facts.suites)
      out.lines.push_back(fmt::format("  suite    {}{}", tls::suite_text(seen.suite), seen.dh_bits > 0 ? fmt::format("  DH {} bits", seen.dh_bits) : ""));
    for (const std::uint32_t suite : facts.ssl2_suites) out.lines.push_back("  suite    " + tls::ssl2_suite_text(suite));
    std::vector<std::string> groups;
    for (const std::uint16_t group : facts.groups) groups.push_back(tls::group_text(group));
    if (!groups.empty()) out.lines.push_back("  groups   " + text::joined(groups, ", ") + (facts.groups_are_all ? "" : "  (there may be more)"));
  }
  for (const smtp::SessionFacts& session : scanned.sessions)
    out.lines.push_back(fmt::format("sessions {:<8} taken up again: {}{}  second handshake: {}", tls::protocol_text(session.protocol), smtp::resumption_text(session.resumption),
                                    session.why.empty() ? "" : " (" + session.why + ")", smtp::renegotiation_text(session.renegotiation)));
  if (probe.handshake) {
    int depth = 0;
    for (const tls::Certificate& c : probe.handshake->chain)
      out.lines.push_back(chain_line(depth++, c));
  }
  for (const tls::Handshake& other : others) {
    int depth = 0;
    for (const tls::Certificate& c : other.chain) out.lines.push_back("other " + chain_line(depth++, c));
  }
  for (const auto& [sender, outcome] : senders)
    out.lines.push_back(fmt::format("sender {:<14} {}", std::string(sender), std::string(outcome.as_object().at("outcome").as_string()) + ": " + std::string(outcome.as_object().at("why").as_string())));
  return out;
}

void fill(reports::Report& report, const Findings& seen) {
  json::array hosts;
  int connections = 0;
  for (std::size_t h = 0; h < seen.scanned.size(); ++h) {
    json::object host{{"name", seen.scanned[h].host}};
    json::array addresses;
    for (std::size_t a = 0; a < seen.scanned[h].addresses.size(); ++a) {
      const smtp::Scanned& scanned = seen.scanned[h].addresses[a];
      const smtp::Probe& probe = seen.survey.hosts[h].probes[a];
      const std::optional<smtp::Probe>& unnamed = seen.unnamed[h][a];
      connections += scanned.connections + 1 + (unnamed ? 1 : 0);
      json::object facts = address_facts(probe, scanned);
      if (unnamed && unnamed->handshake && !unnamed->handshake->chain.empty()) facts["certificate_without_sni"] = tls::facts_of(unnamed->handshake->chain.front());
      const std::vector<tls::Handshake>& others = seen.others[h][a];
      json::array further;
      for (const tls::Handshake& other : others) further.push_back(tls::facts_of(other.chain.front()));
      if (!further.empty()) facts["other_certificates"] = std::move(further);
      json::object senders = tls_scan::senders_of(seen.scanned[h].host, probe, seen.policies);
      report.exhibits.push_back(exhibit_of(seen.scanned[h].host, probe, scanned, others, senders));
      facts["senders"] = std::move(senders);
      addresses.push_back(std::move(facts));
    }
    host["addresses"] = std::move(addresses);
    hosts.push_back(std::move(host));
  }
  report.facts["hosts"] = std::move(hosts);
  report.facts["connections"] = connections;
}

/// The faults of certificates that the ordinary handshake was not shown.
void judge_others(const Probes& probes, const cli::Thresholds& thresholds, Findings& seen) {
  for (std::size_t h = 0; h < seen.scanned.size(); ++h) {
    auto& of_host = seen.others.emplace_back();
    for (std::size_t a = 0; a < seen.scanned[h].addresses.size(); ++a) {
      const smtp::Scanned& scanned = seen.scanned[h].addresses[a];
      of_host.push_back(smtp::other_certificates(seen.survey.hosts[h].probes[a], scanned, probes.trust, probes.now));
      for (const tls::Handshake& other : of_host.back())
        for (Finding& finding : starttls::judge_other_certificate(other, seen.scanned[h].host, scanned.request.endpoint, probes.now, thresholds.expiry))
          seen.encryption.findings.push_back(std::move(finding));
    }
  }
}

reports::Report report_on(const Destination& destination, const Wishes& wishes, cli::Network& network) {
  reports::Report report = cli::begin_report("tls", destination.written);
  Findings seen;
  const auto begin = std::chrono::steady_clock::now();
  const bool finished = network.run(look(destination, wishes, network.probes(), seen));
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  if (!finished) {
    report.checks.push_back(interrupted({"tls", "", nullptr}));
    return report;
  }
  if (!seen.survey.hosts.empty()) {
    starttls::judge(seen.survey, network.probes().now, seen.encryption, wishes.thresholds.expiry);
    tls_scan::judge(seen.scanned, seen.scan);
    judge_others(network.probes(), wishes.thresholds, seen);
    for (std::size_t h = 0; h < seen.unnamed.size(); ++h)
      for (std::size_t a = 0; a < seen.unnamed[h].size(); ++a)
        if (seen.unnamed[h][a]) tls_scan::judge_without_name(seen.scanned[h].host, seen.survey.hosts[h].probes[a], *seen.unnamed[h][a], seen.scan);
    for (const tls_scan::CaaFound& caa : seen.caa) tls_scan::judge_caa(caa, seen.scan);
  }
  fill(report, seen);
  cli::add_measures(report, seen.survey, network.probes().now, wishes.thresholds);
  if (auto trouble = network.resolver_trouble()) report.checks.push_back(std::move(*trouble));
  report.checks.push_back(std::move(seen.reach));
  if (!seen.survey.hosts.empty()) {
    report.checks.push_back(std::move(seen.encryption));
    report.checks.push_back(std::move(seen.scan));
  }
  for (CheckReport& policy : seen.policies) report.checks.push_back(std::move(policy));
  return report;
}

/// A whole number of an option, or an error text.
std::string read_number(const std::string& text, const char* option, int least, int most, int& out) {
  if (text.empty()) return {};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failed == std::errc() && end == text.data() + text.size() && out >= least && out <= most) return {};
  return fmt::format("--{} {}: give a whole number from {} to {}", option, text, least, most);
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "tls",
      "[OPTIONS] DOMAIN | HOST:PORT | ADDRESS | smtp://HOST | submission://HOST | smtps://HOST | tls://HOST:PORT ...",
      "Finds every protocol version, cipher suite and group that a mail server takes, with few connections, and looks at its\n"
      "certificates. For a domain: all mail exchangers, DANE and MTA-STS, and what each kind of sender makes of it.",
      {{"all mail exchangers of a domain", "mailmedic tls example.org"},
       {"one server's submission port", "mailmedic tls submission://mail.example.org"},
       {"gently, one connection at a time, a second apart", "mailmedic tls example.org --at-once 1 --pace 1000"}},
  });
  // clang-format off
  line.options().add_options()
      ("at-once", cli::po::value<std::string>()->value_name("N")->default_value("4"), "connections to one address at the same time, 1 to 16")
      ("pace", cli::po::value<std::string>()->value_name("MS")->default_value("0"), "milliseconds between the starts of two connections to one address");
  // clang-format on
  cli::add_expiry_options(line);
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.arguments().empty()) return line.fail("which server? Give a domain, a host or an address");
  Wishes wishes{.families = {line.common().ipv4, line.common().ipv6}};
  int pace = 0;
  if (const std::string wrong = read_number(line.text("at-once"), "at-once", 1, 16, wishes.scan.at_once); !wrong.empty()) return line.fail(wrong);
  if (const std::string wrong = read_number(line.text("pace"), "pace", 0, 60000, pace); !wrong.empty()) return line.fail(wrong);
  wishes.scan.pace = std::chrono::milliseconds(pace);
  wishes.scan.timeout = line.common().timeout;
  wishes.scan.bind_address = line.common().bind;
  wishes.scan.connect_to = line.common().connect_to;
  std::vector<Destination> destinations;
  auto thresholds = cli::read_thresholds(line);
  if (!thresholds) return line.fail(thresholds.error().why);
  wishes.thresholds = *thresholds;
  for (const std::string& argument : line.arguments()) {
    auto destination = cli::parse_destination(argument);
    if (!destination) return line.fail(destination.error().why);
    if (!destination->socket_path.empty() || destination->lmtp) return line.fail(argument + ": tls looks at servers on the network; LMTP and sockets are for mailmedic connect");
    destinations.push_back(std::move(*destination));
  }
  auto network = cli::Network::make(line.common());
  if (!network) return line.fail(network.error().why);
  (*network)->expect_tls();
  std::vector<reports::Report> reports;
  for (const Destination& destination : destinations) reports.push_back(report_on(destination, wishes, **network));
  return cli::print(reports, line.common());
}
