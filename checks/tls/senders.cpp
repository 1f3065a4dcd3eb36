#include "checks/tls/senders.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/mail_survey.hpp"

namespace mailmedic::tls_scan {

namespace json = boost::json;

namespace {
json::object outcome(std::string_view word, std::string why) { return {{"outcome", word}, {"why", std::move(why)}}; }

/// An alert may come after a completed handshake: with TLS 1.3 the server then says that it wanted a certificate of ours.
bool encrypts(const smtp::Probe& probe) { return probe.handshake && probe.handshake->completed && (!probe.handshake->alert || probe.ehlo_after_tls); }

std::string no_tls(const smtp::Probe& probe) {
  if (!probe.handshake) return probe.starttls ? "STARTTLS is refused: " + probe.starttls->text() : "STARTTLS is not offered";
  return "the TLS handshake fails: " + (probe.handshake->alert ? probe.handshake->alert->name : probe.handshake->error);
}

json::object opportunistic(const smtp::Probe& probe) {
  if (!encryption_is_known(probe)) return outcome("unknown", std::string(smtp::cause_text(probe.cause)));
  if (encrypts(probe)) return outcome("delivers_encrypted", fmt::format("{}, whatever the certificate", probe.handshake->protocol));
  if (probe.request.encryption == smtp::Encryption::implicit) return outcome("refuses", no_tls(probe));  // there is nothing but TLS at such a port
  // After a failed handshake some go on in the clear at once, others try that later. RFC 7435 section 4.
  return outcome("delivers", "in the clear: " + no_tls(probe));
}

json::object verifying(const smtp::Probe& probe, std::string_view who) {
  if (!encryption_is_known(probe)) return outcome("unknown", std::string(smtp::cause_text(probe.cause)));
  if (!encrypts(probe)) return outcome("refuses", no_tls(probe));
  const tls::Verification& verdict = probe.handshake->verification;
  if (!verdict.performed) return outcome("unknown", verdict.text);
  if (!verdict.trusted) return outcome("refuses", verdict.text);
  if (!verdict.name_matches) return outcome("unknown", "no name to compare with");
  if (!*verdict.name_matches) return outcome("refuses", "the certificate is for other names");
  return outcome("delivers_encrypted", fmt::format("{}, trusted and of the right name{}", probe.handshake->protocol, who));
}

const CheckReport* report_of(std::span<const CheckReport> reports, std::string_view check) {
  const auto at = std::find_if(reports.begin(), reports.end(), [&](const CheckReport& one) { return one.check == check; });
  return at == reports.end() ? nullptr : &*at;
}

std::string arg(const Finding& finding, std::string_view name) {
  for (const auto& [key, value] : finding.args)
    if (key == name) return value;
  return {};
}

/// The host's row in the facts of the check "dane"; null when it has none.
const json::object* dane_row(const CheckReport& report, std::string_view host) {
  const json::value* hosts = report.facts.if_contains("hosts");
  if (!hosts || !hosts->is_array()) return nullptr;
  for (const json::value& row : hosts->as_array())
    if (row.as_object().at("host").as_string() == host) return &row.as_object();
  return nullptr;
}

/// RFC 7672 section 2.2: secure records are to be followed, unusable ones still ask for TLS, insecure ones are none.
json::object dane(const std::string& host, const smtp::Probe& probe, const CheckReport* report) {
  if (!report) return outcome("not_applicable", "a single host was named: whose mail it takes is not known");
  const json::object* row = dane_row(*report, host);
  if (!row || row->at("records").as_array().empty()) {
    if (report->outcome == Outcome::inconclusive) return outcome("unknown", "DNS did not say whether there are TLSA records");
    return outcome("not_applicable", "no TLSA records: as an opportunistic sender");
  }
  const json::value* mx = report->facts.if_contains("mx_secure");
  for (const Finding& unknown : report->unknowns)
    if (unknown.id == "dane.not-validated") return outcome("unknown", "nobody that we trust has verified DNSSEC");
  if (!row->at("secure").as_bool() || !mx || !mx->as_bool()) return outcome("not_applicable", "DNSSEC does not vouch for the records: as an opportunistic sender");
  if (!encryption_is_known(probe)) return outcome("unknown", std::string(smtp::cause_text(probe.cause)));
  const std::string address = probe.request.endpoint.text();
  for (const Finding& finding : report->findings) {
    if (finding.subject == host && finding.id == "dane.all-unusable")
      return encrypts(probe) ? outcome("delivers_encrypted", "no TLSA record can be used: any certificate does") : outcome("refuses", no_tls(probe));
    if (finding.subject == host && finding.id.starts_with("dane.") && arg(finding, "address") == address)
      return outcome("refuses", finding.id == "dane.no-starttls" ? no_tls(probe) : "the chain does not match the TLSA records");
  }
  return outcome("delivers_encrypted", "the chain matches a TLSA record");
}

/// RFC 8461 section 5.
json::object mta_sts(const std::string& host, const smtp::Probe& probe, const CheckReport* report) {
  if (!report) return outcome("not_applicable", "a single host was named: whose mail it takes is not known");
  const json::value* policy = report->facts.if_contains("policy");
  if (!policy || !policy->is_object() || !policy->as_object().at("usable").as_bool()) {
    if (report->outcome == Outcome::inconclusive) return outcome("unknown", "it could not be told whether there is a policy");
    return outcome("not_applicable", "no policy that can be used: as an opportunistic sender");
  }
  const std::string_view mode = policy->as_object().at("mode").as_string();
  if (mode == "none") return outcome("not_applicable", "the policy's mode is none: as an opportunistic sender");
  json::object strict = verifying(probe, ", as the policy asks");
  for (const Finding& finding : report->findings)
    if (finding.id == "mta_sts.mx-not-allowed" && arg(finding, "host") == host) strict = outcome("refuses", "the policy does not allow this host");
  if (mode == "testing" && strict.at("outcome").as_string() == "refuses")
    return outcome("delivers", fmt::format("the policy is in testing; it would be refused: {}", std::string_view(strict.at("why").as_string())));
  return strict;
}
}  // namespace

Facts senders_of(const std::string& host, const smtp::Probe& probe, std::span<const CheckReport> policies) {
  Facts out;
  out["opportunistic"] = opportunistic(probe);
  out["dane"] = dane(host, probe, report_of(policies, "dane"));
  out["mta_sts"] = mta_sts(host, probe, report_of(policies, "mta_sts"));
  out["must_verify"] = verifying(probe, "");
  return out;
}

}  // namespace mailmedic::tls_scan
