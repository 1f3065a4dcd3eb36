// How the policy was served. RFC 8461 section 3.3: status 200, no redirects, a certificate that is valid for the host.
#include <fmt/format.h>

#include "checks/certificate_life.hpp"
#include "checks/mta_sts/judge.hpp"
#include "checks/no_answer.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::mta_sts {

namespace {

using https::Cause;
using https::Response;

class FetchJudge {
 public:
  FetchJudge(const dns::Name& domain, TimePoint now, CheckReport& report)
      : domain_(domain.text()), host_("mta-sts." + domain_), now_(now), report_(report) {}

  std::optional<Policy> judge(const https::Fetched& fetched) {
    if (fetched.host.addresses.empty()) {
      without_address(fetched.host);
      return std::nullopt;
    }
    for (const Response& response : fetched.responses) one(response);
    compare(fetched.responses);
    for (const Response& response : fetched.responses)
      if (response.is_complete() && response.status == 200 && is_verified(response)) return parse_policy(response.body);
    return std::nullopt;
  }

 private:
  void add(std::string_view id, const Response& response, Args args, std::string_view what, std::string text) {
    Finding finding{.id = id, .subject = host_};
    finding.args = {{"domain", domain_}, {"host", host_}, {"address", response.endpoint()}};
    finding.args.insert(finding.args.end(), args.begin(), args.end());
    finding.evidence = {{fmt::format("{}, {}", response.endpoint(), what), std::move(text)}};
    for (Finding& other : report_.findings) {
      if (other.id != finding.id || other.evidence.empty() || other.evidence.front().text != finding.evidence.front().text) continue;
      other.evidence.push_back(std::move(finding.evidence.front()));
      return;
    }
    report_.findings.push_back(std::move(finding));
  }

  void without_address(const https::HostAddresses& host) {
    const auto name = dns::Name::parse(host_);
    if (!host.a.is_definite() && name) return report_.could_not_tell(no_answer(*name, dns::Type::a, host.a));
    if (!host.aaaa.is_definite() && name) return report_.could_not_tell(no_answer(*name, dns::Type::aaaa, host.aaaa));
    Finding finding{.id = "mta_sts.host-missing", .subject = host_};
    finding.args = {{"domain", domain_}, {"host", host_}};
    finding.evidence = {{"A " + host_, std::string(dns::status_text(host.a.status))}, {"AAAA " + host_, std::string(dns::status_text(host.aaaa.status))}};
    report_.findings.push_back(std::move(finding));
  }

  void could_not_fetch(const Response& response) {
    Finding unknown{.id = "mta_sts.not-fetched", .subject = host_};
    unknown.args = {{"host", host_}, {"address", response.endpoint()}, {"cause", std::string(https::cause_text(response.cause))}};
    unknown.evidence = {{response.endpoint(), response.why}};
    report_.could_not_tell(std::move(unknown));
  }

  static bool is_verified(const Response& response) {
    if (!response.handshake || !response.handshake->completed) return false;
    const tls::Verification& verdict = response.handshake->verification;
    return !verdict.performed || (verdict.trusted && verdict.name_matches.value_or(false));
  }

  void one(const Response& response) {
    if (response.cause == Cause::refused || response.cause == Cause::reset)
      return add("mta_sts.not-served", response, {{"cause", std::string(https::cause_text(response.cause))}}, "connection", response.why);
    if (reach_of(response) != https::Reach::answered) return could_not_fetch(response);
    if (response.cause == Cause::tls_failed)
      return add("mta_sts.tls-failed", response, {{"why", response.why}}, "TLS handshake", response.why);
    certificate(response);
    answer(response);
  }

  void certificate(const Response& response) {
    if (!response.handshake || response.handshake->chain.empty()) return;
    const tls::Handshake& shake = *response.handshake;
    const tls::Verification& verdict = shake.verification;
    const std::string line = certificate_line(shake.chain.front());
    if (!verdict.performed) {
      Finding unknown{.id = "mta_sts.no-trust-store", .subject = host_, .args = {{"host", host_}, {"why", verdict.text}}};
      unknown.evidence = {{response.endpoint() + ", certificate", line}};
      report_.could_not_tell(std::move(unknown));
    } else if (verdict.expired || verdict.not_yet_valid) {
      add("mta_sts.certificate-dates", response, {}, "certificate", line);
    } else if (!verdict.trusted) {
      add("mta_sts.certificate-untrusted", response, {{"why", verdict.text}}, "certificate", line);
    }
    if (verdict.performed && !verdict.name_matches.value_or(true))
      add("mta_sts.certificate-name", response, {{"names", text::joined(shake.chain.front().dns_names, ", ")}}, "certificate", line);
    if (shake.protocol == "TLSv1" || shake.protocol == "TLSv1.1") add("mta_sts.old-tls", response, {{"protocol", shake.protocol}}, "TLS handshake", shake.protocol);
    const tls::Certificate& own = shake.chain.front();
    if (verdict.trusted && own.not_after - now_ < expiry_limits(own).warning) {
      const auto days = std::chrono::duration_cast<std::chrono::hours>(own.not_after - now_).count() / 24;
      add("mta_sts.certificate-expires", response, {{"days", std::to_string(days)}}, "certificate", line);
    }
  }

  void answer(const Response& response) {
    switch (response.cause) {
      case Cause::none: break;
      case Cause::body_too_large: return add("mta_sts.too-large", response, {}, "answer", fmt::format("more than {} bytes", max_policy_bytes));
      case Cause::too_slow: return add("mta_sts.too-slow", response, {}, "answer", response.why);
      default: return add("mta_sts.broken-answer", response, {{"cause", std::string(https::cause_text(response.cause))}}, "answer", response.why);
    }
    const std::string status = fmt::format("{} {}", response.status, response.reason);
    if (response.status / 100 == 3) return add("mta_sts.redirect", response, {{"status", status}, {"location", response.location}}, "answer", status + "  Location: " + response.location);
    if (response.status != 200) return add("mta_sts.status", response, {{"status", status}}, "answer", status);
    if (response.media_type != "text/plain")
      add("mta_sts.media-type", response, {{"type", response.content_type.empty() ? "-" : response.content_type}}, "Content-Type", response.content_type);
  }

  void compare(const std::vector<Response>& responses) {
    const Response* first = nullptr;
    for (const Response& response : responses) {
      if (!response.is_complete() || response.status != 200) continue;
      if (!first) first = &response;
      else if (response.body != first->body) return add("mta_sts.differs", response, {{"other", first->endpoint()}}, "policy", response.body.substr(0, 1000));
    }
  }

  const std::string domain_, host_;
  const TimePoint now_;
  CheckReport& report_;
};

}  // namespace

std::optional<Policy> judge_fetch(const dns::Name& domain, const https::Fetched& fetched, TimePoint now, CheckReport& report) {
  return FetchJudge(domain, now, report).judge(fetched);
}

}  // namespace mailmedic::mta_sts
