#include "lib/tls/handshake_json.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "lib/text/iso_time.hpp"

namespace mailmedic::tls {

namespace json = boost::json;

json::object facts_of(const Handshake& shake) {
  json::object out;
  if (!shake.completed) {
    out["failure"] = failure_text(shake.failure);
    out["error"] = shake.error;
    if (shake.alert) out["alert"] = {{"name", shake.alert->name}, {"from", shake.alert->from_peer ? "server" : "us"}};
    return out;
  }
  const Verification& verified = shake.verification;
  out["version"] = shake.protocol;
  out["cipher"] = shake.cipher;
  out["group"] = shake.group;
  out["sni"] = shake.sni;
  out["trusted"] = verified.performed ? json::value(verified.trusted) : json::value(nullptr);
  out["verify"] = {{"code", verified.code}, {"text", verified.text}, {"depth", verified.depth}};
  out["name_matches"] = verified.name_matches ? json::value(*verified.name_matches) : json::value(nullptr);
  out["chain_length"] = shake.chain.size();
  out["ocsp_stapled"] = shake.ocsp_stapled;
  if (shake.staple) out["ocsp"] = facts_of(*shake.staple);
  out["client_certificate_requested"] = shake.certificate_requested;
  return out;
}

json::object facts_of(const Staple& staple) {
  json::object out{{"status", staple_text(staple.status)}};
  if (!staple.why.empty()) out["why"] = staple.why;
  if (!staple.speaks_of_it()) return out;
  out["this_update"] = text::iso_time(staple.this_update);
  out["next_update"] = staple.next_update ? json::value(text::iso_time(*staple.next_update)) : json::value(nullptr);
  out["signed"] = staple.is_signed ? json::value(*staple.is_signed) : json::value(nullptr);
  if (staple.revoked_at) out["revoked_at"] = text::iso_time(*staple.revoked_at);
  if (!staple.reason.empty()) out["reason"] = staple.reason;
  return out;
}

json::object facts_of(const Certificate& certificate) {
  json::object out;
  out["subject"] = certificate.subject;
  out["issuer"] = certificate.issuer;
  out["names"] = json::array(certificate.dns_names.begin(), certificate.dns_names.end());
  out["not_before"] = text::iso_time(certificate.not_before);
  out["not_after"] = text::iso_time(certificate.not_after);
  out["key"] = fmt::format("{} {}", certificate.key_type, certificate.key_bits);
  out["signature"] = certificate.signature;
  if (certificate.must_staple) out["must_staple"] = true;
  out["serial"] = certificate.serial;
  out["sha256"] = certificate.sha256;
  return out;
}
}  // namespace mailmedic::tls
