#include "checks/mta_sts/judge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/certificate_life.hpp"
#include "checks/mail_survey.hpp"
#include "checks/mta_sts/record.hpp"
#include "checks/no_answer.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::mta_sts {

namespace {

void add(CheckReport& report, std::string_view id, std::string subject, Args args, std::vector<Evidence> evidence, std::optional<Severity> severity = {}) {
  Finding finding{.id = id, .subject = std::move(subject), .severity = severity};
  finding.args = std::move(args);
  finding.evidence = std::move(evidence);
  report.findings.push_back(std::move(finding));
}

constexpr std::uint64_t day = 86400, week = 7 * day;

std::string list_of(const std::vector<LineProblem>& problems) {
  std::vector<std::string> lines;
  for (const LineProblem& one : problems) lines.push_back(fmt::format("line {}: {} ({})", one.line, one.text, one.why));
  return text::joined(lines, "; ");
}

}  // namespace

bool judge_record(const dns::Name& domain, const dns::Answer& answer, CheckReport& report) {
  const std::string name = "_mta-sts." + domain.text();
  std::vector<std::string> records;
  for (const dns::Txt& txt : answer.all<dns::Txt>()) {
    if (is_record(txt.text)) records.push_back(txt.text);
    else if (is_nearly_record(txt.text)) add(report, "mta_sts.version", domain.text(), {{"name", name}, {"found", txt.text.substr(0, 40)}}, {{"TXT " + name, txt.text}});
  }
  if (records.empty()) return false;
  if (records.size() > 1) {
    std::vector<Evidence> evidence;
    for (const std::string& text : records) evidence.push_back({"TXT " + name, text});
    add(report, "mta_sts.several-records", domain.text(), {{"name", name}, {"count", std::to_string(records.size())}}, std::move(evidence));
    return false;
  }
  const auto record = parse_record(records.front());
  if (!record || !record->id_is_valid) {
    const std::string why = !record ? record.error().why : record->id.empty() ? "there is no id" : "the id is not 1 to 32 letters and digits";
    add(report, "mta_sts.bad-record", domain.text(), {{"name", name}, {"why", why}}, {{"TXT " + name, records.front()}});
    return false;
  }
  report.facts["record"] = record->text;
  report.facts["id"] = record->id;
  return true;
}

void judge_policy(const dns::Name& domain, const Policy& policy, const std::string& text, CheckReport& report) {
  const std::string where = "https://mta-sts." + domain.text() + "/.well-known/mta-sts.txt", subject = domain.text();
  const Evidence seen{where, text.substr(0, 1000)};
  if (policy.has_bom || !policy.is_utf8) add(report, "mta_sts.not-text", subject, {{"domain", subject}, {"what", policy.has_bom ? "a byte order mark" : "bytes that are not UTF-8"}}, {seen});
  if (!policy.version_is_right) add(report, "mta_sts.policy-version", subject, {{"domain", subject}, {"found", policy.version.empty() ? "-" : policy.version}}, {seen});
  if (!policy.mode) add(report, "mta_sts.mode", subject, {{"domain", subject}, {"found", policy.mode_written.empty() ? "-" : policy.mode_written}}, {seen});
  else if (policy.mode == Mode::testing) add(report, "mta_sts.testing", subject, {{"domain", subject}}, {seen});
  else if (policy.mode == Mode::none) add(report, "mta_sts.none", subject, {{"domain", subject}}, {seen});
  if (!policy.max_age) {
    add(report, "mta_sts.max-age", subject, {{"domain", subject}, {"found", policy.max_age_written.empty() ? "-" : policy.max_age_written}}, {seen});
  } else if (*policy.max_age < week && policy.mode != Mode::none) {
    const Severity severity = *policy.max_age < day ? Severity::error : Severity::warning;
    add(report, "mta_sts.short-age", subject, {{"domain", subject}, {"seconds", std::to_string(*policy.max_age)}}, {seen}, severity);
  }
  if (!policy.bad_mx.empty()) add(report, "mta_sts.bad-pattern", subject, {{"domain", subject}, {"lines", list_of(policy.bad_mx)}}, {seen});
  if (policy.mx.empty() && policy.mode != Mode::none) add(report, "mta_sts.no-mx", subject, {{"domain", subject}}, {seen});
  if (!policy.bad_lines.empty()) add(report, "mta_sts.bad-line", subject, {{"domain", subject}, {"lines", list_of(policy.bad_lines)}}, {seen});
  if (!policy.repeated.empty()) add(report, "mta_sts.repeated-field", subject, {{"domain", subject}, {"fields", text::joined(policy.repeated, ", ")}}, {seen});
}

void judge_patterns(const dns::Name& domain, const Policy& policy, const smtp::MailHosts& mail, CheckReport& report) {
  if (!policy.is_usable() || policy.mode == Mode::none) return;
  if (!mail.mx.is_definite()) return report.could_not_tell(no_answer(domain, dns::Type::mx, mail.mx));
  const std::string patterns = text::joined(policy.mx, ", ");
  const Severity severity = policy.mode == Mode::enforce ? Severity::critical : Severity::warning;
  for (const smtp::MailHost& host : mail.hosts) {
    const bool allowed = std::any_of(policy.mx.begin(), policy.mx.end(), [&](const std::string& pattern) { return matches(pattern, host.name); });
    if (!allowed)
      add(report, "mta_sts.mx-not-allowed", domain.text(), {{"domain", domain.text()}, {"host", host.name.text()}, {"patterns", patterns}, {"mode", std::string(mode_text(*policy.mode))}},
          {{"MX " + domain.text(), fmt::format("{} {}", host.preference, host.name.text())}, {"policy, mx", patterns}}, severity);
  }
  if (mail.hosts.empty()) return;
  for (const std::string& pattern : policy.mx) {
    const bool used = std::any_of(mail.hosts.begin(), mail.hosts.end(), [&](const smtp::MailHost& host) { return matches(pattern, host.name); });
    if (!used) add(report, "mta_sts.unused-pattern", domain.text(), {{"domain", domain.text()}, {"pattern", pattern}}, {{"policy, mx", patterns}});
  }
}

namespace {

/// Why a sender that holds to the policy would not deliver to this address; empty when it would.
std::pair<std::string_view, std::string> refusal(const smtp::Probe& probe) {
  if (!probe.handshake) return {"mta_sts.host-without-tls", probe.starttls ? "STARTTLS is refused: " + probe.starttls->text() : "STARTTLS is not offered"};
  if (!probe.handshake->completed) return {"mta_sts.host-without-tls", "the TLS handshake failed: " + probe.handshake->error};
  const tls::Verification& verdict = probe.handshake->verification;
  if (!verdict.performed) return {};
  if (!verdict.trusted) return {"mta_sts.host-certificate", verdict.text};
  if (!verdict.name_matches.value_or(true)) return {"mta_sts.host-certificate", "it names other hosts: " + text::joined(probe.handshake->chain.front().dns_names, ", ")};
  return {};
}

/// Would a sender take the certificate as one of the host? Nothing where that cannot be told.
std::optional<bool> is_right(const smtp::Probe& probe, const dns::Name& host) {
  if (!probe.handshake || !probe.handshake->completed || probe.handshake->chain.empty() || !probe.handshake->verification.performed) return std::nullopt;
  return probe.handshake->verification.anchored && tls::names_host(probe.handshake->chain.front(), host.text());
}

}  // namespace

void judge_hosts(const dns::Name& domain, const Policy& policy, const smtp::Survey& survey, CheckReport& report) {
  if (!policy.is_usable() || policy.mode == Mode::none) return;
  const Severity severity = policy.mode == Mode::enforce ? Severity::critical : Severity::warning;
  for (const smtp::SurveyedHost& host : survey.hosts) {
    for (const smtp::Probe& probe : host.probes) {
      if (!encryption_is_known(probe)) continue;  // that nothing could be told of it is the check of connections' to say
      const std::string address = probe.request.endpoint.text();
      const auto& [id, why] = refusal(probe);
      const Args args{{"domain", domain.text()}, {"host", host.host.name.text()}, {"address", address}, {"why", why}, {"mode", std::string(mode_text(*policy.mode))}};
      if (!id.empty()) {
        const bool shows_certificate = probe.handshake && !probe.handshake->chain.empty();
        add(report, id, host.host.name.text(), args, {{address, shows_certificate ? certificate_line(probe.handshake->chain.front()) : why}}, severity);
      } else if (probe.handshake && (probe.handshake->protocol == "TLSv1" || probe.handshake->protocol == "TLSv1.1")) {
        add(report, "mta_sts.host-old-tls", host.host.name.text(), args, {{address, probe.handshake->protocol}});
      }
    }
  }
}

void judge_names(const dns::Name& host, const smtp::Probe& named, const smtp::Probe& unnamed, CheckReport& report) {
  const auto with = is_right(named, host), without = is_right(unnamed, host);
  if (!with || !without || *with == *without) return;
  const std::string address = named.request.endpoint.text();
  const Args args{{"host", host.text()}, {"address", address}};
  add(report, *with ? "mta_sts.needs-sni" : "mta_sts.sni-breaks", host.text(), args,
      {{address + ", with SNI", certificate_line(named.handshake->chain.front())}, {address + ", without SNI", certificate_line(unnamed.handshake->chain.front())}});
}

void judge_dane(const dns::Name& domain, const std::vector<dns::Answer>& tlsa, CheckReport& report) {
  for (const dns::Answer& answer : tlsa) {
    if (answer.status != dns::Status::answered || !answer.authentic) continue;
    const dns::Record& first = answer.records.front();
    return add(report, "mta_sts.dane-first", domain.text(), {{"domain", domain.text()}}, {{"TLSA " + first.owner.text(), first.text()}});
  }
}

}  // namespace mailmedic::mta_sts
