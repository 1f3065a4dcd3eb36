// mailmedic connect: every step of a connection to a mail server, and where it stops.
#include <fmt/format.h>

#include <charconv>

#include "checks/mail_survey.hpp"
#include "checks/no_answer.hpp"
#include "checks/smtp/check.hpp"
#include "checks/starttls/check.hpp"
#include "lib/net/parallel.hpp"
#include "lib/smtp/probe_json.hpp"
#include "checks/table/table.hpp"
#include "lib/text/ascii.hpp"
#include "tools/cli/output.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/targets.hpp"

using namespace mailmedic;
namespace asio = boost::asio;

namespace {

/// What the user pointed at: a domain (its MX are looked up), or one host and port.
struct Destination {
  std::string written;
  dns::Name name;
  std::optional<net::Address> address;  ///< given instead of a name
  std::optional<std::uint16_t> port;    ///< nothing: a domain's mail exchangers on 25, or the scheme's port
  smtp::Encryption encryption = smtp::Encryption::starttls_if_offered;
  bool is_host = false;                 ///< connect to this very host
};

text::Parsed<Destination> parse_destination(const std::string& written) {
  Destination out{.written = written};
  std::string_view rest = written;
  struct Scheme {
    std::string_view prefix;
    std::uint16_t port;
    smtp::Encryption encryption;
  };
  static constexpr Scheme schemes[] = {{"smtp://", 25, smtp::Encryption::starttls_if_offered},
                                       {"submission://", 587, smtp::Encryption::starttls_required},
                                       {"smtps://", 465, smtp::Encryption::implicit}};
  for (const Scheme& scheme : schemes) {
    if (!text::starts_with_ignoring_case(rest, scheme.prefix)) continue;
    rest.remove_prefix(scheme.prefix.size());
    while (rest.ends_with('/')) rest.remove_suffix(1);
    out.port = scheme.port;
    out.encryption = scheme.encryption;
    out.is_host = true;
  }
  if (const auto endpoint = net::parse_endpoint(rest, out.port.value_or(25))) {
    out.address = endpoint->address;
    out.port = endpoint->port;
    out.is_host = true;
    return out;
  }
  if (const auto colon = rest.rfind(':'); colon != std::string_view::npos && rest.find("://") == std::string_view::npos) {
    std::uint16_t port = 0;
    const auto digits = rest.substr(colon + 1);
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failed != std::errc() || end != digits.data() + digits.size() || port == 0)
      return text::ParseError{colon, fmt::format("{}: the port must be a number from 1 to 65535", written)};
    out.port = port;
    out.is_host = true;
    rest = rest.substr(0, colon);
  }
  auto name = cli::parse_domain(rest);
  if (!name) return name.error();
  out.name = *name;
  return out;
}

struct Wishes {
  smtp::Stage quit_after = smtp::Stage::ehlo_after_tls;
  std::optional<std::string> from, to;
  net::Families families;

  smtp::ProbeRequest request(const Destination& destination, const std::string& host, const net::Address& address) const {
    smtp::ProbeRequest out{.endpoint = {address, destination.port.value_or(25)}, .host = host};
    out.encryption = destination.encryption;
    out.quit_after = quit_after;
    out.mail_from = from;
    out.rcpt_to = to;
    return out;
  }
};

asio::awaitable<smtp::SurveyedHost> probe_host(smtp::MailHost host, const Destination& destination, const Wishes& wishes, smtp::Prober& prober) {
  std::erase_if(host.addresses, [&](const net::Address& address) { return !wishes.families.include(address); });
  std::vector<asio::awaitable<smtp::Probe>> probes;
  const std::string sni = destination.address ? std::string() : host.name.text();
  for (const net::Address& address : host.addresses) probes.push_back(prober.probe(wishes.request(destination, sni, address)));
  smtp::SurveyedHost out;
  out.probes = co_await net::in_parallel(std::move(probes));
  out.host = std::move(host);
  co_return out;
}

/// The mail hosts of a domain, or the one host that was named.
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

asio::awaitable<void> connect(const Destination& destination, const Wishes& wishes, Probes& probes, smtp::Survey& survey, CheckReport& report) {
  survey.mail = co_await find(destination, probes.dns);
  const bool some = has_mail_hosts(survey.mail, report);
  if (!some && destination.is_host && report.outcome == Outcome::not_applicable) {
    report.outcome = Outcome::ran;
    report.reason.clear();
    Finding missing{.id = "smtp.no-address", .subject = destination.name.text(), .args = {{"host", destination.name.text()}}};
    const smtp::MailHost& host = survey.mail.hosts.front();
    missing.evidence = {{"A, AAAA " + destination.name.text(), fmt::format("{}; {}", dns::status_text(host.a.status), dns::status_text(host.aaaa.status))}};
    report.findings.push_back(std::move(missing));
  }
  if (!some) co_return;
  std::vector<asio::awaitable<smtp::SurveyedHost>> hosts;
  for (const smtp::MailHost& host : survey.mail.hosts) hosts.push_back(probe_host(host, destination, wishes, probes.smtp));
  survey.hosts = co_await net::in_parallel(std::move(hosts));
}

/// The stages with their times, TLS, then what was said.
reports::Exhibit exhibit_of(const smtp::SurveyedHost& host, const smtp::Probe& probe) {
  reports::Exhibit out;
  out.title = fmt::format("{} {}", host.host.name.text(), probe.request.endpoint.text());
  for (const smtp::StageRecord& stage : probe.stages)
    out.lines.push_back(fmt::format("{:<24}{:>9.1f} ms  {}", smtp::stage_text(stage.stage), static_cast<double>(stage.duration.count()) / 1000,
                                    smtp::outcome_text(stage.outcome)));
  if (probe.handshake && probe.handshake->completed)
    out.lines.push_back(fmt::format("{}  {}  {}", probe.handshake->protocol, probe.handshake->cipher, probe.handshake->group));
  if (probe.stopped_at) out.lines.push_back(fmt::format("stopped at {}: {}{}", smtp::stage_text(*probe.stopped_at), smtp::cause_text(probe.cause), probe.why.empty() ? "" : "; " + probe.why));
  out.lines.push_back("");
  for (const smtp::TranscriptEntry& entry : probe.transcript.entries())
    out.lines.push_back(fmt::format("{:>9.1f} ms {} {}", static_cast<double>(entry.at.count()) / 1000, entry.mark(), entry.text));
  return out;
}

reports::Report report_on(const Destination& destination, const Wishes& wishes, cli::Network& network) {
  reports::Report report = cli::begin_report("connect", destination.written);
  CheckReport reach{.check = "smtp"}, encryption{.check = "starttls"};
  smtp::Survey survey;
  const auto begin = std::chrono::steady_clock::now();
  const bool finished = network.run(connect(destination, wishes, network.probes(), survey, reach));
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  if (!finished) {
    report.checks.push_back(interrupted({"smtp", "", nullptr}));
    return report;
  }
  if (!survey.hosts.empty()) {
    smtp::judge(survey, reach);
    // A probe that was to stop before TLS says nothing about TLS.
    if (wishes.quit_after >= smtp::Stage::tls) starttls::judge(survey, network.probes().now, encryption);
  }
  report.facts["hosts"] = smtp::facts_of(survey);
  for (const smtp::SurveyedHost& host : survey.hosts)
    for (const smtp::Probe& probe : host.probes) report.exhibits.push_back(exhibit_of(host, probe));
  reach.facts.clear();
  encryption.facts.clear();
  if (auto trouble = network.resolver_trouble()) report.checks.push_back(std::move(*trouble));
  report.checks.push_back(std::move(reach));
  if (!survey.hosts.empty() && wishes.quit_after >= smtp::Stage::tls) report.checks.push_back(std::move(encryption));
  return report;
}

std::optional<smtp::Stage> parse_stage(std::string_view word) {
  static constexpr std::pair<std::string_view, smtp::Stage> stages[] = {
      {"connect", smtp::Stage::connect}, {"banner", smtp::Stage::banner}, {"ehlo", smtp::Stage::ehlo}, {"starttls", smtp::Stage::starttls},
      {"tls", smtp::Stage::ehlo_after_tls}, {"mail", smtp::Stage::mail}, {"rcpt", smtp::Stage::rcpt}};
  for (const auto& [name, stage] : stages)
    if (text::equals_ignoring_case(name, word)) return stage;
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "connect",
      "[OPTIONS] DOMAIN | HOST:PORT | ADDRESS | smtp://HOST | submission://HOST | smtps://HOST ...",
      "Connects as a sending server would: every mail exchanger and address of a domain side by side, or one host.\n"
      "Shows each step with its time, the transcript, and the cause where it stops. Sends no mail.",
      {{"all mail exchangers of a domain", "mailmedic connect example.org"},
       {"one server's submission port", "mailmedic connect submission://mail.example.org"},
       {"one address, IPv6, to the greeting only", "mailmedic connect [2001:db8::25]:25 --quit-after banner"},
       {"would this sender be accepted? (asks the server about a recipient: for your own servers)",
        "mailmedic connect example.org --from me@example.net --to you@example.org --quit-after rcpt"}},
  });
  // clang-format off
  line.options().add_options()
      ("helo", cli::po::value<std::string>()->value_name("NAME"), "our name in EHLO (default: this host's full name, else its address)")
      ("quit-after", cli::po::value<std::string>()->value_name("STAGE")->default_value("tls"), "stop behind connect, banner, ehlo, starttls, tls, mail or rcpt")
      ("from", cli::po::value<std::string>()->value_name("SENDER"), "the address for MAIL FROM (with --quit-after mail or rcpt)")
      ("to", cli::po::value<std::string>()->value_name("RECIPIENT"), "the address for RCPT TO (with --quit-after rcpt); receivers count such probes against you");
  // clang-format on
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.arguments().empty()) return line.fail("connect where? Give a domain, a host or an address");
  const auto stage = parse_stage(line.text("quit-after"));
  if (!stage) return line.fail(fmt::format("--quit-after {}: give connect, banner, ehlo, starttls, tls, mail or rcpt", line.text("quit-after")));
  if (*stage >= smtp::Stage::mail && !line.has("from")) return line.fail("--quit-after mail or rcpt needs a sender: give --from SENDER");
  if (*stage == smtp::Stage::rcpt && !line.has("to")) return line.fail("--quit-after rcpt needs a recipient: give --to RECIPIENT");

  Wishes wishes{.quit_after = *stage, .families = {line.common().ipv4, line.common().ipv6}};
  if (*stage >= smtp::Stage::mail) wishes.from = line.text("from");
  if (*stage == smtp::Stage::rcpt) wishes.to = line.text("to");
  std::vector<Destination> destinations;
  for (const std::string& argument : line.arguments()) {
    auto destination = parse_destination(argument);
    if (!destination) return line.fail(destination.error().why);
    destinations.push_back(std::move(*destination));
  }
  auto network = cli::Network::make(line.common(), line.text("helo"));
  if (!network) return line.fail(network.error().why);
  std::vector<reports::Report> reports;
  for (const Destination& destination : destinations) reports.push_back(report_on(destination, wishes, **network));
  return cli::print(reports, line.common());
}
