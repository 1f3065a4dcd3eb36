#include "checks/dane/check.hpp"

#include <boost/json/array.hpp>

#include "checks/dane/judge.hpp"
#include "checks/no_answer.hpp"
#include "lib/dns/fitness.hpp"

namespace mailmedic::dane {

namespace json = boost::json;

namespace {

json::object host_json(const Host& host) {
  json::array records;
  for (const tls::TlsaData& record : host.records()) records.push_back(json::value(record_text(record)));
  return {{"host", host.host.name.text()}, {"question", host.question.text()}, {"status", dns::status_text(host.tlsa.status)},
          {"secure", host.is_secure}, {"records", std::move(records)}};
}

/// Has somebody that we trust verified DNSSEC? RFC 7672 section 2.1.3.
asio::awaitable<bool> is_validated(Probes& probes, CheckReport& report) {
  if (probes.chain) co_return true;
  const dns::Fitness fitness = co_await dns::measure_fitness(probes.dns, dns::Name::parse("dnssec-failed.org").value());
  report.facts["resolver_validation"] = dns::validation_text(fitness.validation);
  co_return fitness.validation == dns::Validation::proved || fitness.validation == dns::Validation::claimed;
}

asio::awaitable<void> judge_live(const Target& target, const Hosts& hosts, Probes& probes, CheckReport& report) {
  const net::Families families{target.ipv4, target.ipv6};
  const smtp::Survey survey = co_await smtp::survey(probes.dns, probes.smtp, target.domain, "", families);
  for (const smtp::SurveyedHost& seen : survey.hosts)
    for (const Host& host : hosts.hosts)
      if (host.host.name == seen.host.name && host.is_secure)
        for (const smtp::Probe& probe : seen.probes)
          if (!judge_probe(host, probe, probes.now, report)) judge_unmeasured(host, probe, report);
}

}  // namespace

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report{.check = "dane"};
  const Hosts hosts = co_await find_hosts(probes.dns, target.domain);
  json::array rows;
  bool any = false, some_unknown = false;
  for (const Host& host : hosts.hosts) {
    rows.push_back(host_json(host));
    any = any || host.has_records();
    some_unknown = some_unknown || !host.tlsa.is_definite();
  }
  report.facts["hosts"] = std::move(rows);
  if (hosts.mail.kind == smtp::MailHosts::Kind::unknown) {
    report.could_not_tell(no_answer(target.domain, dns::Type::mx, hosts.mail.mx));
    co_return report;
  }
  if (!any && !some_unknown) {
    report.outcome = Outcome::not_applicable;
    report.reason = "no mail host of " + target.domain.text() + " has TLSA records";
    co_return report;
  }
  const bool validated = co_await is_validated(probes, report);
  report.facts["mx_secure"] = hosts.mx_is_secure;
  judge_coverage(hosts, validated, report);
  for (const Host& host : hosts.hosts) {
    if (host.has_records()) {
      judge_records(host, report);
      if (!target.new_certificate.empty()) judge_new_certificate(host, target.new_certificate, probes.now, report);
    } else if (!host.tlsa.is_definite() && !(validated && tlsa_fails(host))) {
      report.could_not_tell(no_answer(host.question, dns::Type::tlsa, host.tlsa));
    }
  }
  if (any && !validated) {
    Finding unknown{.id = "dane.not-validated", .subject = target.domain.text(), .args = {{"domain", target.domain.text()}}};
    unknown.evidence = {{"the resolver's word for DNSSEC", std::string(report.facts["resolver_validation"].as_string())}};
    report.could_not_tell(std::move(unknown));
  } else if (any && target.mail_servers) {
    co_await judge_live(target, hosts, probes, report);
  }
  co_return report;
}

}  // namespace mailmedic::dane
