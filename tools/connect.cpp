// mailmedic connect: every step of a connection to a mail server, and where it stops.
#include <fmt/format.h>

#include <algorithm>

#include "checks/mail_survey.hpp"
#include "checks/no_answer.hpp"
#include "checks/smtp/check.hpp"
#include "checks/starttls/check.hpp"
#include "lib/net/parallel.hpp"
#include "lib/smtp/probe_json.hpp"
#include "checks/table/table.hpp"
#include "tools/cli/output.hpp"
#include "tools/cli/network.hpp"
#include "tools/connect/destination.hpp"
#include "tools/connect/wishes.hpp"

using namespace mailmedic;
using connect::Destination;
using connect::Wishes;
namespace asio = boost::asio;

namespace {

asio::awaitable<smtp::SurveyedHost> probe_host(smtp::MailHost host, const Destination& destination, const Wishes& wishes, smtp::Prober& prober) {
  std::erase_if(host.addresses, [&](const net::Address& address) { return !wishes.families.include(address); });
  std::vector<asio::awaitable<smtp::Probe>> probes;
  const std::string sni = destination.address || !destination.socket_path.empty() ? std::string() : host.name.text();
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
  if (!destination.socket_path.empty()) {
    host.a.status = host.aaaa.status = dns::Status::no_data;
    host.addresses = {net::Address()};
  } else if (destination.address) {
    if (const auto name = dns::Name::parse(destination.address->to_string())) host.name = *name;
    host.a.status = host.aaaa.status = dns::Status::no_data;
    host.addresses = {*destination.address};
  } else {
    host = co_await smtp::find_addresses(dns, destination.name, 0);
  }
  mail.hosts.push_back(std::move(host));
  co_return mail;
}

asio::awaitable<void> look(const Destination& destination, const Wishes& wishes, Probes& probes, smtp::Survey& survey, CheckReport& report) {
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
  out.title = fmt::format("{} {}", host.host.name.text(), probe.request.place());
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
  const bool finished = network.run(look(destination, wishes, network.probes(), survey, reach));
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  if (!finished) {
    report.checks.push_back(interrupted({"smtp", "", nullptr}));
    return report;
  }
  // A probe that was to stop before TLS, or to do without, says nothing about TLS; a UNIX socket needs none.
  const bool judges_tls = wishes.last() >= smtp::Stage::tls && !wishes.without_starttls && destination.socket_path.empty();
  if (!survey.hosts.empty()) {
    smtp::judge(survey, reach);
    if (judges_tls) starttls::judge(survey, network.probes().now, encryption);
  }
  report.facts["hosts"] = smtp::facts_of(survey);
  for (const smtp::SurveyedHost& host : survey.hosts)
    for (const smtp::Probe& probe : host.probes) report.exhibits.push_back(exhibit_of(host, probe));
  reach.facts.clear();
  encryption.facts.clear();
  if (auto trouble = network.resolver_trouble()) report.checks.push_back(std::move(*trouble));
  report.checks.push_back(std::move(reach));
  if (!survey.hosts.empty() && judges_tls) report.checks.push_back(std::move(encryption));
  return report;
}

/// Whoever may list processes reads what stands on a command line.
bool has_password(int argc, char** argv) {
  return std::any_of(argv + 1, argv + argc, [](std::string_view word) { return word == "--password" || word.starts_with("--password=") || word == "--token" || word.starts_with("--token="); });
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "connect",
      "[OPTIONS] DOMAIN | HOST:PORT | ADDRESS | smtp://HOST | submission://HOST | smtps://HOST | lmtp://HOST | unix:/PATH ...",
      "Connects as a sending server would: every mail exchanger and address of a domain side by side, or one host.\n"
      "Shows each step with its time, the transcript, and the cause where it stops. Sends no mail.",
      {{"all mail exchangers of a domain", "mailmedic connect example.org"},
       {"one server's submission port", "mailmedic connect submission://mail.example.org"},
       {"one address, IPv6, to the greeting only", "mailmedic connect [2001:db8::25]:25 --quit-after banner"},
       {"would this sender be accepted? (asks the server about a recipient: for your own servers)",
        "mailmedic connect example.org --from me@example.net --to you@example.org --quit-after rcpt"},
       {"does this login work? (asks for the password)", "mailmedic connect submission://mail.example.org --auth --user me@example.org"},
       {"a delivery socket of Dovecot", "mailmedic connect lmtp:unix:/run/dovecot/lmtp"}},
  });
  connect::add_options(line);
  if (has_password(argc, argv))
    return line.fail("a secret on the command line is read by every user of this machine: give --password-file or --token-file FILE, --password-env or --token-env VARIABLE, "
                     "or nothing and be asked");
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.arguments().empty()) return line.fail("connect where? Give a domain, a host or an address");
  const auto wishes = connect::read_wishes(line);
  if (!wishes) return line.fail(wishes.error().why);
  std::vector<Destination> destinations;
  for (const std::string& argument : line.arguments()) {
    auto destination = connect::parse_destination(argument);
    if (!destination) return line.fail(destination.error().why);
    destinations.push_back(std::move(*destination));
  }
  auto network = cli::Network::make(line.common(), line.text("helo"));
  if (!network) return line.fail(network.error().why);
  std::vector<reports::Report> reports;
  for (const Destination& destination : destinations) reports.push_back(report_on(destination, *wishes, **network));
  return cli::print(reports, line.common());
}
