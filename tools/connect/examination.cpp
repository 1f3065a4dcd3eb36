#include "tools/connect/examination.hpp"

#include <fmt/format.h>

#include "checks/mail_survey.hpp"
#include "checks/no_answer.hpp"
#include "checks/smtp/blocked_port.hpp"
#include "checks/smtp/check.hpp"
#include "checks/smtp/our_name.hpp"
#include "checks/smtp/rcpt_probe.hpp"
#include "checks/smtp/trials.hpp"
#include "checks/starttls/check.hpp"
#include "checks/table/table.hpp"
#include "lib/net/parallel.hpp"
#include "lib/smtp/probe_json.hpp"
#include "lib/text/ascii.hpp"
#include "tools/cli/mail_measures.hpp"
#include "tools/connect/exhibit.hpp"

namespace mailmedic::connect {

namespace asio = boost::asio;
using cli::Destination;

namespace {
/// Everything of one destination, filled as it goes.
struct Seen {
  smtp::Survey survey;
  std::vector<smtp::Probe> elsewhere;
  CheckReport reach{.check = "smtp"}, encryption{.check = "starttls"};
};

asio::awaitable<smtp::SurveyedHost> probe_host(smtp::MailHost host, const Destination& destination, const Wishes& wishes, smtp::Prober& prober) {
  std::erase_if(host.addresses, [&](const net::Address& address) { return !wishes.families.include(address); });
  std::vector<asio::awaitable<smtp::Probe>> probes;
  const std::string sni = destination.address || !destination.socket_path.empty() ? std::string() : host.name.text();
  for (const net::Address& address : host.addresses) {
    smtp::ProbeRequest request = wishes.request(destination, sni, address);
    if (smtp::forbids_rcpt_probes(host)) request.quit_after = std::min(request.quit_after, smtp::Stage::mail);
    probes.push_back(prober.probe(std::move(request)));
  }
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

void judge_missing_host(const Destination& destination, Seen& seen) {
  if (!destination.is_host || seen.reach.outcome != Outcome::not_applicable) return;
  seen.reach.outcome = Outcome::ran;
  seen.reach.reason.clear();
  Finding missing{.id = "smtp.no-address", .subject = destination.name.text(), .args = {{"host", destination.name.text()}}};
  const smtp::MailHost& host = seen.survey.mail.hosts.front();
  missing.evidence = {{"A, AAAA " + destination.name.text(), fmt::format("{}; {}", dns::status_text(host.a.status), dns::status_text(host.aaaa.status))}};
  seen.reach.findings.push_back(std::move(missing));
}

asio::awaitable<void> look(const Destination& destination, const Wishes& wishes, Probes& probes, Seen& seen) {
  seen.survey.mail = co_await find(destination, probes.dns);
  if (!has_mail_hosts(seen.survey.mail, seen.reach)) {
    judge_missing_host(destination, seen);
    co_return;
  }
  std::vector<asio::awaitable<smtp::SurveyedHost>> hosts;
  for (const smtp::MailHost& host : seen.survey.mail.hosts) hosts.push_back(probe_host(host, destination, wishes, probes.smtp));
  seen.survey.hosts = co_await net::in_parallel(std::move(hosts));
  seen.elsewhere = co_await smtp::knock_elsewhere(seen.survey, probes.smtp);
}

/// The trials of one address, one after another: a server that is busy with one would spoil the next.
asio::awaitable<void> try_address(const smtp::MailHost& host, const smtp::Probe& probe, const Destination& destination, const Wishes& wishes, const cli::Common& common,
                                  cli::Network& network, reports::Report& report, CheckReport& reach, boost::json::array& facts) {
  smtp::TrialRequest request{.endpoint = probe.request.endpoint, .host = probe.request.host, .encryption = probe.request.encryption, .domain = destination.name.text()};
  request.sender = wishes.sender;
  request.recipient = wishes.recipient;
  request.relay_to = wishes.relay_to;
  // Of a host that was named itself, the recipient tells which domain it is for.
  if (const auto at = request.recipient.rfind('@'); destination.is_host && at != std::string::npos) request.domain = request.recipient.substr(at + 1);
  smtp::NetworkOptions options{.timeout = common.timeout, .bind_address = common.bind, .connect_to = common.connect_to, .helo = wishes.helo};
  for (const smtp::Trial trial : wishes.trials) {
    const smtp::TrialSeen seen = co_await smtp::try_server(trial, request, options, network.probes().trust, network.probes().now);
    smtp::judge_trial(host.name.text(), request.endpoint, seen, reach);
    boost::json::object one = smtp::facts_of(seen);
    one["address"] = request.endpoint.text();
    facts.push_back(std::move(one));
    report.exhibits.push_back(exhibit_of(host.name.text(), request.endpoint, seen));
  }
}
}  // namespace

asio::awaitable<void> examine(const Destination& destination, const Wishes& wishes, const cli::Common& common, cli::Network& network, RefusalRules& rules,
                              reports::Report& report) {
  const auto begin = std::chrono::steady_clock::now();
  report.checks = {interrupted({"smtp", "", nullptr})};
  Probes& probes = network.probes();
  Seen seen;
  co_await look(destination, wishes, probes, seen);
  // A probe that was to stop before TLS, or to do without, says nothing about TLS; a UNIX socket needs none.
  const bool judges_tls = wishes.last() >= smtp::Stage::tls && !wishes.without_starttls && destination.socket_path.empty();
  const bool has_probes = !seen.survey.hosts.empty();
  if (has_probes) {
    smtp::judge(seen.survey, seen.reach);
    rules.explain(seen.survey, seen.reach);
    smtp::judge_blocked_port(seen.survey, seen.elsewhere, seen.reach);
    smtp::judge_times(seen.survey, wishes.thresholds.time, seen.reach);
    if (wishes.last() >= smtp::Stage::rcpt) smtp::judge_rcpt_not_asked(seen.survey, seen.reach);
    if (judges_tls) starttls::judge(seen.survey, probes.now, seen.encryption, wishes.thresholds.expiry);
    co_await smtp::judge_our_name(seen.survey, probes.dns, seen.reach);
  }
  for (const smtp::SurveyedHost& host : seen.survey.hosts)
    for (const smtp::Probe& probe : host.probes) report.exhibits.push_back(exhibit_of(host.host.name.text(), probe));
  boost::json::array trials;
  for (const smtp::SurveyedHost& host : seen.survey.hosts)
    for (const smtp::Probe& probe : host.probes)
      if (probe.was_greeted() && destination.socket_path.empty()) co_await try_address(host.host, probe, destination, wishes, common, network, report, seen.reach, trials);
  report.facts["hosts"] = smtp::facts_of(seen.survey);
  if (!wishes.trials.empty()) report.facts["tests"] = std::move(trials);
  cli::add_measures(report, seen.survey, probes.now, wishes.thresholds);
  report.checks.clear();
  if (auto trouble = co_await network.find_resolver_trouble()) report.checks.push_back(std::move(*trouble));
  report.checks.push_back(std::move(seen.reach));
  if (has_probes && judges_tls) report.checks.push_back(std::move(seen.encryption));
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

}  // namespace mailmedic::connect
