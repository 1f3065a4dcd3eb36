// MTA-STS of a domain: record, policy, and the mail hosts that it speaks of.
#include "checks/mta_sts/check.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "checks/mta_sts/judge.hpp"
#include "checks/mta_sts/record.hpp"
#include "checks/no_answer.hpp"
#include "lib/dns/public_suffix.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/https/response_json.hpp"
#include "lib/net/parallel.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::mta_sts {

namespace json = boost::json;

namespace {

https::Url policy_url(const dns::Name& host) { return {.host = host, .target = "/.well-known/mta-sts.txt"}; }

/// No record: is something left of a policy? A record at the domain itself, or a policy that nobody will look for.
asio::awaitable<void> judge_missing(const Target& target, const dns::Name& host, Probes& probes, CheckReport& report) {
  const std::string& domain = target.domain.text();
  const dns::Answer apex = co_await probes.dns.query(target.domain, dns::Type::txt);
  for (const dns::Txt& txt : apex.all<dns::Txt>()) {
    if (!is_record(txt.text)) continue;
    Finding finding{.id = "mta_sts.record-at-apex", .subject = domain, .args = {{"domain", domain}}};
    finding.evidence = {{"TXT " + domain, txt.text}};
    report.findings.push_back(std::move(finding));
    co_return;
  }
  if (probes.https && !target.one_of_many) {
    const net::Families families{target.ipv4, target.ipv6};
    const https::Fetched fetched = co_await https::fetch(probes.dns, *probes.https, policy_url(host), max_policy_bytes, families);
    const https::Response* best = fetched.best();
    if (best && best->is_complete() && best->status == 200 && parse_policy(best->body).version_is_right) {
      Finding finding{.id = "mta_sts.policy-without-record", .subject = domain, .args = {{"domain", domain}, {"host", host.text()}}};
      finding.evidence = {{policy_url(host).text(), best->body.substr(0, 1000)}};
      report.findings.push_back(std::move(finding));
      co_return;
    }
  }
  // A policy is never inherited (RFC 8461 section 3.4); who has one above may think so.
  const auto above = dns::registrable_domain(target.domain);
  if (above && *above != target.domain) {
    const auto name = above->prefixed("_mta-sts");
    const dns::Answer answer = co_await probes.dns.query(*name, dns::Type::txt);
    for (const dns::Txt& txt : answer.all<dns::Txt>()) {
      if (!is_record(txt.text)) continue;
      Finding finding{.id = "mta_sts.not-inherited", .subject = domain, .args = {{"domain", domain}, {"parent", above->text()}}};
      finding.evidence = {{"TXT " + name->text(), txt.text}};
      report.findings.push_back(std::move(finding));
      co_return;
    }
  }
  Finding missing{.id = "mta_sts.missing", .subject = domain, .args = {{"domain", domain}}};
  missing.evidence = {{"TXT _mta-sts." + domain, "no record starts with v=STSv1"}};
  report.findings.push_back(std::move(missing));
}

json::object policy_json(const Policy& policy) {
  json::array mx, extensions;
  for (const std::string& pattern : policy.mx) mx.push_back(json::value(pattern));
  for (const std::string& name : policy.extensions) extensions.push_back(json::value(name));
  json::object out{{"version", policy.version}, {"mode", policy.mode_written}, {"max_age", policy.max_age_written}, {"mx", std::move(mx)}, {"usable", policy.is_usable()}};
  if (!policy.extensions.empty()) out["ignored_fields"] = std::move(extensions);
  return out;
}

/// What a sender does with this domain's mail now. RFC 8461 sections 3.3 and 5.1.
json::object sender_view(bool usable_record, const std::optional<Policy>& policy) {
  const bool usable = policy && policy->is_usable();
  std::string_view first = "delivers without MTA-STS: there is no record that it could use";
  if (usable_record && !usable) first = "delivers without MTA-STS: the policy cannot be fetched or used; it tries again later";
  if (usable) first = policy->mode == Mode::enforce ? "delivers only to hosts that pass the policy" : policy->mode == Mode::testing ? "delivers in any case, and reports what would not pass" : "delivers without MTA-STS, and forgets an older policy";
  const std::string_view caching = usable ? first : "holds to the policy that it fetched before, until its max_age has passed";
  return {{"first_time", first}, {"caching", caching}};
}

/// Nobody is told of failures without it. RFC 8461 section 6.
asio::awaitable<void> judge_reports(const Target& target, Probes& probes, CheckReport& report) {
  const auto name = target.domain.prefixed("_smtp._tls");
  if (!name) co_return;
  const dns::Answer answer = co_await probes.dns.query(*name, dns::Type::txt);
  if (!answer.is_absent()) co_return;
  Finding finding{.id = "mta_sts.without-reports", .subject = target.domain.text(), .args = {{"domain", target.domain.text()}}};
  finding.evidence = {{"TXT " + name->text(), std::string(dns::status_text(answer.status))}};
  report.findings.push_back(std::move(finding));
}

/// What each host shows on port 25, and the first address of each once more without SNI.
asio::awaitable<void> look_at_hosts(const Target& target, const Policy& policy, Probes& probes, CheckReport& report) {
  const net::Families families{target.ipv4, target.ipv6};
  const smtp::Survey survey = co_await smtp::survey(probes.dns, probes.smtp, target.domain, "", families);
  judge_hosts(target.domain, policy, survey, report);
  std::vector<const smtp::SurveyedHost*> hosts;
  std::vector<asio::awaitable<smtp::Probe>> work;
  for (const smtp::SurveyedHost& host : survey.hosts) {
    if (host.probes.empty() || !host.probes.front().handshake || !host.probes.front().handshake->completed) continue;
    if (host.probes.front().connected_to != host.probes.front().request.endpoint) continue;  // --connect-to goes by the name
    smtp::ProbeRequest unnamed = host.probes.front().request;
    unnamed.host.clear();
    hosts.push_back(&host);
    work.push_back(probes.smtp.probe(std::move(unnamed)));
  }
  const std::vector<smtp::Probe> unnamed = co_await net::in_parallel(std::move(work));
  for (std::size_t i = 0; i < hosts.size(); ++i) judge_names(hosts[i]->host.name, hosts[i]->probes.front(), unnamed[i], report);
}

asio::awaitable<void> look_for_dane(const Target& target, const smtp::MailHosts& mail, Probes& probes, CheckReport& report) {
  std::vector<dns::Question> questions;
  for (std::size_t i = 0; i < mail.hosts.size() && i < 4; ++i)
    if (const auto name = mail.hosts[i].name.prefixed("_25._tcp")) questions.push_back({*name, dns::Type::tlsa});
  const std::vector<dns::Answer> answers = co_await dns::query_all(probes.dns, std::move(questions));
  judge_dane(target.domain, answers, report);
}

asio::awaitable<std::optional<Policy>> look_at_policy(const Target& target, const dns::Name& host, Probes& probes, CheckReport& report) {
  const net::Families families{target.ipv4, target.ipv6};
  const https::Fetched fetched = co_await https::fetch_from_all(probes.dns, *probes.https, policy_url(host), max_policy_bytes, families);
  json::array responses;
  for (const https::Response& response : fetched.responses) responses.push_back(https::facts_of(response));
  report.facts["fetched"] = std::move(responses);
  std::optional<Policy> policy = judge_fetch(target.domain, fetched, probes.now, report);
  if (!policy) co_return std::nullopt;
  report.facts["policy"] = policy_json(*policy);
  judge_policy(target.domain, *policy, fetched.best()->body, report);
  const smtp::MailHosts mail = co_await smtp::find_mail_hosts(probes.dns, target.domain);
  judge_patterns(target.domain, *policy, mail, report);
  co_await look_for_dane(target, mail, probes, report);
  if (target.mail_servers && policy->is_usable() && policy->mode != Mode::none) co_await look_at_hosts(target, *policy, probes, report);
  co_return policy;
}

}  // namespace

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report{.check = "mta_sts"};
  const auto name = target.domain.prefixed("_mta-sts"), host = target.domain.prefixed("mta-sts");
  if (!name || !host) {
    report.outcome = Outcome::not_applicable;
    report.reason = "the domain is too long to have a policy";
    co_return report;
  }
  const dns::Answer answer = co_await probes.dns.query(*name, dns::Type::txt);
  report.facts["record"] = nullptr;
  if (!answer.is_definite()) {
    report.could_not_tell(no_answer(*name, dns::Type::txt, answer));
    co_return report;
  }
  if (!answer.aliases.empty()) report.facts["alias"] = answer.aliases.back().text();
  const bool usable = judge_record(target.domain, answer, report);
  std::optional<Policy> policy;
  if (usable && probes.https) policy = co_await look_at_policy(target, *host, probes, report);
  if (usable) co_await judge_reports(target, probes, report);
  else if (report.findings.empty()) co_await judge_missing(target, *host, probes, report);
  if (probes.https) report.facts["sender_view"] = sender_view(usable, policy);
  co_return report;
}

}  // namespace mailmedic::mta_sts
