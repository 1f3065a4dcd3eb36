#include "checks/starttls/staple.hpp"

#include <fmt/format.h>

#include "lib/text/iso_time.hpp"

namespace mailmedic::starttls {

namespace {
using tls::Staple;

/// One line for the evidence: "good, from 2026-11-01T00:00:00Z until 2026-11-08T00:00:00Z".
std::string staple_line(const Staple& staple) {
  std::string out(tls::staple_text(staple.status));
  if (!staple.why.empty()) out += ": " + staple.why;
  if (!staple.speaks_of_it()) return out;
  out += ", from " + text::iso_time(staple.this_update);
  if (staple.next_update) out += " until " + text::iso_time(*staple.next_update);
  if (staple.revoked_at) out += ", revoked " + text::iso_time(*staple.revoked_at);
  if (!staple.reason.empty()) out += fmt::format(" ({})", staple.reason);
  return out;
}
}  // namespace

void judge_staple(const tls::Handshake& shake, const std::string& host, const net::Endpoint& endpoint, TimePoint now, CheckReport& report) {
  if (shake.chain.empty() || shake.resumed) return;
  const auto about = [&](std::string_view id, Args args, std::string seen) {
    Finding finding{.id = id, .subject = host, .args = {{"host", host}}};
    finding.args.insert(finding.args.end(), args.begin(), args.end());
    finding.evidence.push_back({"OCSP staple of " + endpoint.text(), std::move(seen)});
    return finding;
  };
  if (!shake.ocsp_stapled) {
    if (!shake.chain.front().must_staple) return;
    report.findings.push_back(about("starttls.staple-missing", {}, "none; the certificate has the TLS feature status_request"));
    // On port 25 few senders look at certificates at all.
    if (endpoint.port != 25) report.findings.back().severity = Severity::error;
    return;
  }
  if (!shake.staple) {
    report.could_not_tell(about("starttls.staple-unverified", {}, "larger than 64 KiB: not read"));
    return;
  }
  const Staple& staple = *shake.staple;
  const std::string seen = staple_line(staple);
  if (!staple.speaks_of_it() || staple.is_signed == false) {
    const std::string why = staple.is_signed == false ? "the signature is not its issuer's" : seen;
    report.findings.push_back(about("starttls.staple-unusable", {{"reason", why}}, seen));
    return;
  }
  // Whoever holds a key can write "revoked"; who signed it must be known before that counts.
  if (!staple.is_signed) {
    report.could_not_tell(about("starttls.staple-unverified", {}, seen));
    return;
  }
  if (staple.status == Staple::Status::revoked)
    report.findings.push_back(about("starttls.staple-revoked", {{"date", staple.revoked_at ? text::iso_time(*staple.revoked_at) : "-"}}, seen));
  else if (staple.status == Staple::Status::unknown)
    report.findings.push_back(about("starttls.staple-unusable", {{"reason", seen}}, seen));
  if (staple.next_update && *staple.next_update < now) report.findings.push_back(about("starttls.staple-stale", {{"date", text::iso_time(*staple.next_update)}}, seen));
}

}  // namespace mailmedic::starttls
