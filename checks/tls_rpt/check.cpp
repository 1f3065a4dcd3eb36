#include "checks/tls_rpt/check.hpp"

#include <boost/json/array.hpp>

#include "checks/no_answer.hpp"
#include "checks/tls_rpt/record.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/https/fetch.hpp"
#include "lib/net/parallel.hpp"
#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic::tls_rpt {

namespace json = boost::json;

namespace {

void add(CheckReport& report, std::string_view id, const dns::Name& subject, Args args, std::vector<Evidence> evidence) {
  Finding finding{.id = id, .subject = subject.text()};
  finding.args = std::move(args);
  finding.evidence = std::move(evidence);
  report.findings.push_back(std::move(finding));
}

/// Can mail be delivered to the domain of a mailto destination?
asio::awaitable<bool> look_at_mailbox(const dns::Name& domain, const Destination& destination, Probes& probes, CheckReport& report) {
  using Kind = smtp::MailHosts::Kind;
  const smtp::MailHosts mail = co_await smtp::find_mail_hosts(probes.dns, *destination.mailbox);
  if (mail.kind == Kind::unknown) {
    report.could_not_tell(no_answer(*destination.mailbox, dns::Type::mx, mail.mx));
  } else if (mail.kind == Kind::none || mail.kind == Kind::null_mx) {
    std::string seen(dns::status_text(mail.mx.status));
    for (const dns::Record& record : mail.mx.records) seen += "  " + record.text();
    const Evidence evidence{"MX " + destination.mailbox->text(), seen};
    add(report, "tls_rpt.mailbox-dead", domain, {{"domain", domain.text()}, {"uri", destination.text}, {"mailbox", destination.mailbox->text()}}, {evidence});
  }
  co_return true;
}

/// Does a server with a good certificate stand at an https destination? Only the handshake is made.
asio::awaitable<bool> look_at_url(const Target& target, const Destination& destination, Probes& probes, CheckReport& report) {
  const net::Families families{target.ipv4, target.ipv6};
  const https::Fetched fetched = co_await https::fetch(probes.dns, *probes.https, *destination.url, 0, families, true);
  const https::Response* best = fetched.best();
  const Args args{{"domain", target.domain.text()}, {"uri", destination.text}, {"host", destination.url->host.text()}};
  if (!best && !fetched.host.is_definite()) {
    report.could_not_tell(no_answer(destination.url->host, dns::Type::a, fetched.host.a));
  } else if (!best) {
    add(report, "tls_rpt.endpoint-dead", target.domain, args, {{"A " + destination.url->host.text(), std::string(dns::status_text(fetched.host.a.status))}});
  } else if (https::reach_of(*best) != https::Reach::answered) {
    Finding unknown{.id = "tls_rpt.endpoint-not-measured", .subject = target.domain.text(), .args = args};
    unknown.args.emplace_back("cause", std::string(https::cause_text(best->cause)));
    unknown.evidence = {{best->endpoint(), best->why}};
    report.could_not_tell(std::move(unknown));
  } else if (!best->is_complete()) {
    add(report, "tls_rpt.endpoint-dead", target.domain, args, {{best->endpoint(), best->why}});
  } else if (const tls::Verification& verdict = best->handshake->verification; verdict.performed && !(verdict.trusted && verdict.name_matches.value_or(true))) {
    add(report, "tls_rpt.endpoint-certificate", target.domain, args, {{best->endpoint(), verdict.trusted ? "the certificate is for another name" : verdict.text}});
  }
  co_return true;
}

/// Is there anything to report on? RFC 8460 section 4.3: "no-policy-found".
asio::awaitable<void> look_for_policies(const Target& target, const std::string& record, Probes& probes, CheckReport& report) {
  std::vector<dns::Question> questions;
  if (const auto name = target.domain.prefixed("_mta-sts")) questions.push_back({*name, dns::Type::txt});
  const smtp::MailHosts mail = co_await smtp::find_mail_hosts(probes.dns, target.domain);
  for (std::size_t i = 0; i < mail.hosts.size() && i < 4; ++i)
    if (const auto name = mail.hosts[i].name.prefixed("_25._tcp")) questions.push_back({*name, dns::Type::tlsa});
  for (const dns::Answer& answer : co_await dns::query_all(probes.dns, std::move(questions)))
    if (!answer.is_absent()) co_return;
  if (mail.kind != smtp::MailHosts::Kind::listed && mail.kind != smtp::MailHosts::Kind::implicit) co_return;
  add(report, "tls_rpt.nothing-to-report", target.domain, {{"domain", target.domain.text()}}, {{"TXT _smtp._tls." + target.domain.text(), record}});
}

asio::awaitable<void> judge_record(const Target& target, const dns::Name& name, const Record& record, Probes& probes, CheckReport& report) {
  const Evidence seen{"TXT " + name.text(), record.text};
  if (record.destinations.empty()) add(report, "tls_rpt.no-destination", target.domain, {{"name", name.text()}}, {seen});
  std::vector<asio::awaitable<bool>> work;
  json::array destinations;
  for (const Destination& destination : record.destinations) {
    destinations.push_back(json::object{{"uri", destination.text}, {"usable", destination.why.empty()}});
    if (!destination.why.empty()) add(report, "tls_rpt.bad-destination", target.domain, {{"name", name.text()}, {"uri", destination.text}, {"why", destination.why}}, {seen});
    if (destination.mailbox) work.push_back(look_at_mailbox(target.domain, destination, probes, report));
    if (destination.url && probes.https) work.push_back(look_at_url(target, destination, probes, report));
  }
  report.facts["destinations"] = std::move(destinations);
  json::array ignored;
  for (const text::Tag& tag : record.extensions) ignored.push_back(json::value(tag.name));
  if (!ignored.empty()) report.facts["ignored_fields"] = std::move(ignored);
  co_await net::in_parallel(std::move(work));
  co_await look_for_policies(target, record.text, probes, report);
}

}  // namespace

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report{.check = "tls_rpt"};
  const auto name = target.domain.prefixed("_smtp._tls");
  if (!name) {
    report.outcome = Outcome::not_applicable;
    report.reason = "the domain is too long to have such a record";
    co_return report;
  }
  report.facts["record"] = nullptr;
  const dns::Answer answer = co_await probes.dns.query(*name, dns::Type::txt);
  if (!answer.is_definite()) {
    report.could_not_tell(no_answer(*name, dns::Type::txt, answer));
    co_return report;
  }
  std::vector<std::string> records;
  for (const dns::Txt& txt : answer.all<dns::Txt>()) {
    if (is_record(txt.text)) records.push_back(txt.text);
    else if (is_nearly_record(txt.text)) add(report, "tls_rpt.version", target.domain, {{"name", name->text()}, {"found", txt.text.substr(0, 40)}}, {{"TXT " + name->text(), txt.text}});
  }
  if (records.size() > 1) {
    std::vector<Evidence> evidence;
    for (const std::string& text : records) evidence.push_back({"TXT " + name->text(), text});
    add(report, "tls_rpt.several-records", target.domain, {{"name", name->text()}, {"count", std::to_string(records.size())}}, std::move(evidence));
  } else if (records.size() == 1) {
    report.facts["record"] = records.front();
    const auto record = parse_record(records.front());
    if (record) co_await judge_record(target, *name, *record, probes, report);
    else add(report, "tls_rpt.bad-record", target.domain, {{"name", name->text()}, {"why", record.error().why}}, {{"TXT " + name->text(), records.front()}});
  } else if (report.findings.empty()) {
    add(report, "tls_rpt.missing", target.domain, {{"domain", target.domain.text()}}, {{"TXT " + name->text(), std::string(dns::status_text(answer.status))}});
  }
  co_return report;
}

}  // namespace mailmedic::tls_rpt
