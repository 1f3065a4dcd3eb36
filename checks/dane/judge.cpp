#include "checks/dane/judge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/certificate_life.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::dane {

namespace {

void add(CheckReport& report, std::string_view id, const std::string& subject, Args args, std::vector<Evidence> evidence) {
  Finding finding{.id = id, .subject = subject};
  finding.args = std::move(args);
  finding.evidence = std::move(evidence);
  report.findings.push_back(std::move(finding));
}

Args args_of(const Host& host) { return {{"host", host.host.name.text()}, {"name", host.question.text()}}; }

Args with(Args args, std::string name, std::string value) {
  args.emplace_back(std::move(name), std::move(value));
  return args;
}

std::vector<Evidence> evidence_of(const Host& host) {
  std::vector<Evidence> out;
  for (const tls::TlsaData& record : host.records()) out.push_back({"TLSA " + host.question.text(), record_text(record)});
  return out;
}

std::vector<tls::TlsaData> usable(const std::vector<tls::TlsaData>& records) {
  std::vector<tls::TlsaData> out;
  std::copy_if(records.begin(), records.end(), std::back_inserter(out), [](const tls::TlsaData& one) { return tls::trouble_of(one).empty(); });
  return out;
}

}  // namespace

void judge_records(const Host& host, CheckReport& report) {
  const std::string& name = host.host.name.text();
  const std::vector<tls::TlsaData> records = host.records(), good = usable(records);
  for (const tls::TlsaData& record : records) {
    const std::string why = tls::trouble_of(record);
    if (why.empty()) continue;
    const std::string_view id = record.usage < 2 ? "dane.unusable-usage" : "dane.bad-record";
    add(report, id, name, with(with(args_of(host), "record", record_text(record)), "why", why), {{"TLSA " + host.question.text(), record_text(record)}});
  }
  if (good.empty()) return add(report, "dane.all-unusable", name, args_of(host), evidence_of(host));
  if (std::none_of(good.begin(), good.end(), [](const tls::TlsaData& one) { return one.matching == 1; }))
    add(report, "dane.no-sha256", name, args_of(host), evidence_of(host));
  for (const tls::TlsaData& record : good)
    if (record.usage == 3 && record.selector == 0)
      add(report, "dane.whole-certificate", name, with(args_of(host), "record", record_text(record)), {{"TLSA " + host.question.text(), record_text(record)}});
  if (good.size() == 1 && good.front().usage == 3) add(report, "dane.no-spare", name, args_of(host), evidence_of(host));
  if (host.tlsa.ttl > std::chrono::hours(24))
    add(report, "dane.long-ttl", name, with(args_of(host), "hours", std::to_string(std::chrono::duration_cast<std::chrono::hours>(host.tlsa.ttl).count())), evidence_of(host));
}

void judge_coverage(const Hosts& hosts, bool validated, CheckReport& report) {
  std::vector<std::string> covered, bare;
  const std::string& domain = hosts.mail.domain.text();
  for (const Host& host : hosts.hosts) {
    if (host.has_records()) covered.push_back(host.host.name.text());
    else if (host.tlsa.is_absent()) bare.push_back(host.host.name.text());
    // Addresses that are vouched for, and a name server that fails at the question after them: RFC 7672 section 2.1.1.
    const bool fails = host.tlsa.status == dns::Status::serv_fail || host.tlsa.status == dns::Status::bogus;
    if (validated && fails && (host.host.a.authentic || host.host.aaaa.authentic))
      add(report, "dane.tlsa-fails", host.host.name.text(), args_of(host), {{"TLSA " + host.question.text(), host.tlsa.why}});
    if (validated && host.has_records() && !host.is_secure) add(report, "dane.not-secure", host.host.name.text(), args_of(host), evidence_of(host));
  }
  if (!covered.empty() && !bare.empty()) {
    std::vector<Evidence> evidence;
    for (const Host& host : hosts.hosts) evidence.push_back({"TLSA " + host.question.text(), std::string(dns::status_text(host.tlsa.status))});
    add(report, "dane.partial", domain, {{"domain", domain}, {"covered", text::joined(covered, ", ")}, {"bare", text::joined(bare, ", ")}}, std::move(evidence));
  }
  if (validated && !covered.empty() && !hosts.mx_is_secure)
    add(report, "dane.mx-not-secure", domain, {{"domain", domain}, {"hosts", text::joined(covered, ", ")}}, {{"MX " + domain, "not vouched for by DNSSEC"}});
}

void judge_probe(const Host& host, const smtp::Probe& probe, TimePoint now, CheckReport& report) {
  const std::vector<tls::TlsaData> records = usable(host.records());
  if (records.empty() || !probe.capabilities) return;  // not measured: the check of connections says so
  const std::string& name = host.host.name.text();
  const std::string address = probe.request.endpoint.text();
  const Args args = with(args_of(host), "address", address);
  if (!probe.handshake) return add(report, "dane.no-starttls", name, args, {{address + ", reply to EHLO", probe.ehlo ? probe.ehlo->text() : std::string()}});
  if (!probe.handshake->completed) return add(report, "dane.no-starttls", name, args, {{address + ", TLS handshake", probe.handshake->error}});
  const tls::DaneVerdict verdict = tls::verify_dane(probe.handshake->chain, records, host.base.text(), now);
  if (verdict.matches) return;
  const bool only_anchors = std::all_of(records.begin(), records.end(), [](const tls::TlsaData& one) { return one.usage == 2; });
  std::vector<Evidence> evidence = evidence_of(host);
  for (const tls::Certificate& certificate : probe.handshake->chain) evidence.push_back({address + ", certificate", certificate_line(certificate)});
  add(report, only_anchors ? "dane.anchor-mismatch" : "dane.mismatch", name, with(args, "why", verdict.why), std::move(evidence));
}

void judge_new_certificate(const Host& host, const std::vector<tls::Certificate>& chain, TimePoint now, CheckReport& report) {
  const std::vector<tls::TlsaData> records = usable(host.records());
  if (records.empty()) return;
  const tls::DaneVerdict verdict = tls::verify_dane(chain, records, host.base.text(), now);
  std::vector<Evidence> evidence = evidence_of(host);
  evidence.push_back({"--new-certificate", certificate_line(chain.front())});
  const std::string_view id = verdict.matches ? "dane.new-certificate-fits" : "dane.new-certificate-mismatch";
  add(report, id, host.host.name.text(), with(args_of(host), "why", verdict.why), std::move(evidence));
}

}  // namespace mailmedic::dane
