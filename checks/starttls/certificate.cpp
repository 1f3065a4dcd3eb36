#include "checks/starttls/certificate.hpp"

#include <fmt/format.h>

#include "checks/certificate_life.hpp"
#include "checks/starttls/chain.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/iso_time.hpp"

namespace mailmedic::starttls {

namespace {
using std::chrono::hours;

class Judge {
 public:
  Judge(const tls::Handshake& shake, const std::string& host, const net::Endpoint& endpoint)
      : shake_(shake), host_(host), endpoint_(endpoint.text()), is_checked_(endpoint.port != 25) {}

  Finding& found(std::string_view id, Args args = {}) {
    Finding finding{.id = id, .subject = host_, .args = {{"host", host_}}};
    finding.args.insert(finding.args.end(), args.begin(), args.end());
    if (!shake_.chain.empty()) {
      finding.evidence.push_back({"certificate of " + endpoint_, certificate_line(shake_.chain.front())});
    }
    findings.push_back(std::move(finding));
    return findings.back();
  }

  void judge_protocol() {
    // RFC 8996: TLS 1.0 and 1.1 must not be used. What was negotiated is the newest that the server has.
    if (shake_.protocol != "TLSv1" && shake_.protocol != "TLSv1.1") return;
    found("starttls.old-protocol", {{"protocol", shake_.protocol}}).evidence = {
        {"handshake with " + endpoint_, shake_.protocol + " " + shake_.cipher}};
  }

  void judge_dates(TimePoint now, const ExpiryDays& expiry) {
    const tls::Certificate& own = shake_.chain.front();
    const auto days = [](auto span) { return std::to_string(std::chrono::duration_cast<hours>(span).count() / 24); };
    const std::string until = text::iso_time(own.not_after);
    const auto left = own.not_after - now;
    const ExpiryLimits limits = expiry_limits(own, expiry);
    if (left < left.zero()) {
      found("starttls.certificate-expired", {{"date", until}, {"days", days(-left)}});
    } else if (own.not_before > now) {
      found("starttls.certificate-not-yet-valid", {{"date", text::iso_time(own.not_before)}});
    } else if (left < limits.warning) {
      Finding& soon = found("starttls.certificate-expires-soon", {{"date", until}, {"days", days(left)}});
      soon.severity = left < limits.error ? Severity::error : Severity::warning;
    } else if (shake_.verification.expired) {
      found("starttls.chain-expired", {{"depth", std::to_string(shake_.verification.depth)}});
    }
  }

  void judge_trust() {
    const tls::Verification& verified = shake_.verification;
    if (!verified.performed || verified.anchored) return;
    Finding& finding = verified.self_signed        ? found("starttls.self-signed")
                       : verified.incomplete_chain ? found("starttls.chain-incomplete", {{"issuer", shake_.chain.front().issuer}})
                                                   : found("starttls.untrusted", {{"reason", verified.text}, {"issuer", shake_.chain.back().issuer}});
    if (is_checked_) finding.severity = Severity::error;
  }

  /// RFC 5246 section 7.4.2, RFC 8446 section 4.4.2.
  void judge_chain() {
    const ChainShape shape = shape_of(shake_.chain);
    if (!shape.disordered.empty()) found("starttls.chain-disordered", {{"subjects", subjects(shape.disordered)}}).evidence = as_sent();
    if (!shape.superfluous.empty()) found("starttls.chain-superfluous", {{"subjects", subjects(shape.superfluous)}}).evidence = as_sent();
  }

  void judge_name() {
    if (shake_.verification.name_matches != false) return;
    const auto& names = shake_.chain.front().dns_names;
    Finding& finding = found("starttls.name-mismatch", {{"names", names.empty() ? "-" : text::joined(names, ", ")}});
    // Whoever checks names checks trust first: without it the name is the smaller part of the trouble.
    if (is_checked_)
      finding.severity = Severity::error;
    else if (shake_.verification.performed && !shake_.verification.anchored)
      finding.severity = Severity::info;
  }

  /// RFC 9325 sections 4.2 and 4.5. What a trust anchor's own signature is made with is of no weight.
  void judge_strength() {
    for (const tls::Certificate& certificate : shake_.chain) {
      const int least = certificate.key_type == "EC" ? 224 : certificate.key_type.starts_with("RSA") || certificate.key_type == "DSA" ? 2048 : 0;
      if (certificate.key_bits > 0 && certificate.key_bits < least)
        found("starttls.weak-key", {{"key", fmt::format("{} {}", certificate.key_type, certificate.key_bits)}, {"subject", certificate.subject}});
      const std::string& digest = certificate.signature_digest;
      if (!certificate.self_signed && (digest == "SHA1" || digest == "MD5" || digest == "MD4" || digest == "MD2"))
        found("starttls.weak-signature", {{"signature", certificate.signature}, {"subject", certificate.subject}});
    }
  }

  std::vector<Finding> findings;

 private:
  static std::string subjects(const std::vector<const tls::Certificate*>& certificates) {
    std::vector<std::string> out;
    for (const tls::Certificate* certificate : certificates)
      if (out.size() < 4) out.push_back(certificate->subject);
    return text::joined(out, "; ");
  }
  std::vector<Evidence> as_sent() const {
    std::vector<Evidence> out;
    for (const tls::Certificate& certificate : shake_.chain)
      if (out.size() < 10) out.push_back({fmt::format("certificate {} of {}", out.size(), endpoint_), certificate_line(certificate)});
    return out;
  }

  const tls::Handshake& shake_;
  const std::string& host_;
  const std::string endpoint_;
  const bool is_checked_;  ///< by those who connect to this port
};
}  // namespace

std::vector<Finding> judge_handshake(const tls::Handshake& shake, const std::string& host, const net::Endpoint& endpoint,
                                     TimePoint now, const ExpiryDays& expiry) {
  Judge judge(shake, host, endpoint);
  judge.judge_protocol();
  if (!shake.chain.empty()) {
    judge.judge_dates(now, expiry);
    judge.judge_trust();
    judge.judge_chain();
    judge.judge_name();
    judge.judge_strength();
  }
  return std::move(judge.findings);
}

std::vector<Finding> judge_other_certificate(const tls::Handshake& shake, const std::string& host, const net::Endpoint& endpoint,
                                             TimePoint now, const ExpiryDays& expiry) {
  std::vector<Finding> out = judge_handshake(shake, host, endpoint, now, expiry);
  for (Finding& finding : out)
    for (Evidence& evidence : finding.evidence) evidence.source += fmt::format(" ({} {})", shake.chain.front().key_type, shake.chain.front().key_bits);
  return out;
}

}  // namespace mailmedic::starttls
