#include "checks/starttls/alerts.hpp"

namespace mailmedic::starttls {

std::string_view explanation_of(const tls::Alert& alert) {
  if (!alert.from_peer) return {};
  switch (alert.code) {
    case 40:                                      // handshake_failure
    case 71: return "starttls.alert-no-suite";    // insufficient_security
    case 70: return "starttls.alert-no-version";  // protocol_version
    case 112: return "starttls.alert-name";       // unrecognized_name
    case 42:                                      // bad_certificate
    case 43:                                      // unsupported_certificate
    case 46:                                      // certificate_unknown
    case 48: return "starttls.alert-certificate"; // unknown_ca
    case 80: return "starttls.alert-internal";    // internal_error
    case 47:                                      // illegal_parameter
    case 50: return "starttls.alert-hello";       // decode_error
    default: return {};
  }
}

bool wants_client_certificate(const tls::Handshake& shake) {
  if (!shake.alert || !shake.alert->from_peer) return false;
  if (shake.alert->code == 116) return true;  // certificate_required
  if (!shake.certificate_requested || shake.completed) return false;
  // Up to TLS 1.2 there is no alert of its own: the server asked, and ends at our empty answer. RFC 5246 section 7.4.6.
  const int code = shake.alert->code;
  return code == 40 || code == 41 || code == 42 || code == 46 || code == 49;
}

}  // namespace mailmedic::starttls
