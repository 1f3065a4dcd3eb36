#include "checks/starttls/check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/mail_survey.hpp"
#include "checks/starttls/alerts.hpp"
#include "checks/starttls/certificate.hpp"
#include "checks/starttls/staple.hpp"
#include "lib/smtp/probe_json.hpp"
#include "lib/text/ascii.hpp"
#include "lib/tls/trust_store.hpp"

namespace mailmedic::starttls {

namespace {
using smtp::Cause;
using smtp::Probe;
using smtp::Stage;
using smtp::SurveyedHost;

Evidence at(const Probe& probe, std::string_view what, std::string text) {
  return {fmt::format("{}, {}", probe.request.endpoint.text(), what), std::move(text)};
}

/// Addresses of one host mostly show the same: one finding for the host, with the evidence of each address.
void add(Finding finding, CheckReport& report) {
  const auto same = std::find_if(report.findings.begin(), report.findings.end(), [&](const Finding& known) {
    return known.id == finding.id && known.subject == finding.subject && known.args == finding.args;
  });
  if (same == report.findings.end())
    report.findings.push_back(std::move(finding));
  else
    same->evidence.insert(same->evidence.end(), finding.evidence.begin(), finding.evidence.end());
}

Finding about(std::string_view id, const SurveyedHost& host, Evidence evidence, Args args = {}) {
  Finding finding{.id = id, .subject = host.host.name.text(), .args = {{"host", host.host.name.text()}}};
  finding.args.insert(finding.args.end(), args.begin(), args.end());
  finding.evidence.push_back(std::move(evidence));
  return finding;
}

std::string failure_reason(const Probe& probe) {
  if (!probe.handshake) return probe.why.empty() ? std::string(smtp::cause_text(probe.cause)) : probe.why;
  const tls::Handshake& shake = *probe.handshake;
  if (shake.alert) return fmt::format("{} ({})", shake.alert->name, shake.alert->from_peer ? "sent by the server" : "sent by us");
  switch (shake.failure) {
    case tls::Failure::not_tls: return "clear text instead of TLS";
    case tls::Failure::closed: return "the server closed the connection";
    case tls::Failure::reset: return "the connection was reset";
    default: return shake.error;
  }
}

void judge_failed(const SurveyedHost& host, const Probe& probe, CheckReport& report) {
  const bool strayed = probe.handshake && !probe.handshake->stray_bytes.empty();
  const std::string seen = strayed ? probe.handshake->stray_bytes : probe.handshake ? probe.handshake->error : probe.why;
  const std::string alert = probe.handshake && probe.handshake->alert ? probe.handshake->alert->name : "-";
  add(about("starttls.handshake-failed", host, at(probe, probe.starttls ? "after STARTTLS" : "TLS handshake", seen), {{"reason", failure_reason(probe)}, {"alert", alert}}),
      report);
}

/// TLS-024: what the server's alert stands for. One that is a warning alone may stand beside a handshake that works.
void judge_alerts(const SurveyedHost& host, const Probe& probe, CheckReport& report) {
  const tls::Handshake& shake = *probe.handshake;
  if (wants_client_certificate(shake)) return;
  std::vector<tls::Alert> alerts = shake.warnings;
  if (shake.alert && !shake.completed) alerts.push_back(*shake.alert);
  for (const tls::Alert& alert : alerts)
    if (const std::string_view id = explanation_of(alert); !id.empty())
      add(about(id, host, at(probe, "alert", fmt::format("{} ({})", alert.name, alert.code)), {{"alert", alert.name}}), report);
}

/// TLS-020. RFC 8446 section 4.3.2, RFC 5246 section 7.4.4.
void judge_client_certificate(const SurveyedHost& host, const Probe& probe, CheckReport& report) {
  const tls::Handshake& shake = *probe.handshake;
  if (wants_client_certificate(shake)) {
    Finding finding = about("starttls.client-certificate-required", host, at(probe, "alert", fmt::format("{} ({})", shake.alert->name, shake.alert->code)));
    // Where programs sign in, that may be the very intention.
    if (probe.request.endpoint.port != 25) finding.severity = Severity::warning;
    add(std::move(finding), report);
  } else if (shake.certificate_requested) {
    add(about("starttls.client-certificate-requested", host, at(probe, "TLS handshake", "CertificateRequest")), report);
  }
}

/// TLS-025. RFC 8689 section 4.2.1: a sender passes such a message on only where the server has proved its name.
void judge_requiretls(const SurveyedHost& host, const Probe& probe, CheckReport& report) {
  const smtp::Capabilities* can = probe.best_capabilities();
  const tls::Verification& verified = probe.handshake->verification;
  if (!can || !can->requiretls() || !verified.performed || !verified.name_matches) return;
  const bool proved = verified.trusted && *verified.name_matches;
  const std::string verdict = proved ? "trusted, and of the right name" : verified.trusted ? "the certificate is for other names" : verified.text;
  add(about(proved ? "starttls.requiretls" : "starttls.requiretls-without-identity", host, at(probe, "reply to EHLO and certificate", "REQUIRETLS; " + verdict)), report);
}

void judge_probe(const SurveyedHost& host, const Probe& probe, TimePoint now, const ExpiryDays& expiry, CheckReport& report) {
  if (!probe.text_before_tls.empty())
    add(about("starttls.clear-text-injected", host, at(probe, "behind the reply to STARTTLS", probe.text_before_tls)), report);
  if (probe.handshake && probe.handshake->completed) {
    for (Finding& finding : judge_handshake(*probe.handshake, host.host.name.text(), probe.request.endpoint, now, expiry))
      add(std::move(finding), report);
    judge_staple(*probe.handshake, host.host.name.text(), probe.request.endpoint, now, report);
    judge_alerts(host, probe, report);
    judge_client_certificate(host, probe, report);
    judge_requiretls(host, probe, report);
  } else if (probe.cause == Cause::starttls_rejected) {
    add(about("starttls.refused", host, at(probe, "reply to STARTTLS", probe.starttls->text()), {{"code", std::to_string(probe.starttls->code)}}),
        report);
  } else if (probe.handshake || probe.stopped_at == Stage::starttls) {
    judge_failed(host, probe, report);
    if (probe.handshake) judge_alerts(host, probe, report);
    if (probe.handshake) judge_client_certificate(host, probe, report);
  } else if (!probe.capabilities || !probe.capabilities->starttls()) {
    const auto& reply = probe.capabilities ? probe.ehlo : probe.helo;
    Finding missing = about("starttls.missing", host, at(probe, probe.capabilities ? "reply to EHLO" : "reply to HELO", reply ? reply->text() : ""));
    // Where programs sign in, a password would go in clear text. RFC 8314 section 4.1.
    if (probe.request.endpoint.port == 587) missing.severity = Severity::error;
    add(std::move(missing), report);
  }
}

/// One word about a host of which no address could be measured; a single address that could not is in the facts.
void not_measured(const SurveyedHost& host, CheckReport& report) {
  const Probe& first = host.probes.front();
  Finding unknown{.id = "starttls.not-measured", .subject = host.host.name.text()};
  unknown.args = {{"host", host.host.name.text()},
                  {"stage", std::string(smtp::stage_label(first.stopped_at.value_or(Stage::quit)))},
                  {"cause", std::string(smtp::cause_text(first.cause))}};
  for (const Probe& probe : host.probes) {
    const bool greeted_off = probe.cause == Cause::banner_busy || probe.cause == Cause::banner_rejected;
    unknown.evidence.push_back(at(probe, smtp::stage_label(probe.stopped_at.value_or(Stage::quit)),
                                  greeted_off && probe.banner ? probe.banner->text() : failure_reason(probe)));
  }
  report.could_not_tell(std::move(unknown));
}

void judge_trust_store(const smtp::Survey& survey, CheckReport& report) {
  for (const SurveyedHost& host : survey.hosts)
    for (const Probe& probe : host.probes)
      if (probe.handshake && probe.handshake->completed && !probe.handshake->chain.empty() && !probe.handshake->verification.performed) {
        Finding unknown{.id = "starttls.no-trust-store", .subject = survey.mail.domain.text()};
        unknown.args = {{"reason", probe.handshake->verification.text}};
        return report.could_not_tell(std::move(unknown));
      }
}
}  // namespace

void judge(const smtp::Survey& survey, TimePoint now, CheckReport& report, const ExpiryDays& expiry) {
  for (const SurveyedHost& host : survey.hosts) {
    if (host.probes.empty()) continue;
    if (std::none_of(host.probes.begin(), host.probes.end(), encryption_is_known)) {
      not_measured(host, report);
      continue;
    }
    for (const Probe& probe : host.probes)
      if (encryption_is_known(probe)) judge_probe(host, probe, now, expiry, report);
  }
  judge_trust_store(survey, report);
}

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report;
  report.check = "starttls";
  const net::Families families{target.ipv4, target.ipv6};
  const smtp::Survey seen = co_await smtp::survey(probes.dns, probes.smtp, target.domain, "", families);
  report.facts["hosts"] = smtp::facts_of(seen);
  if (seen.not_probed > 0) report.facts["addresses_not_probed"] = seen.not_probed;
  if (has_mail_hosts(seen.mail, report)) judge(seen, probes.now, report);
  co_return report;
}

}  // namespace mailmedic::starttls
