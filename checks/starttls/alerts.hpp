#pragma once
#include <string_view>

#include "lib/tls/handshake.hpp"

namespace mailmedic::starttls {

/// The finding that explains an alert of the server's (RFC 8446 section 6); empty for one of ours or one that tells nothing more
/// than its name.
std::string_view explanation_of(const tls::Alert& alert);

/// Has the server refused us because we show no certificate? With TLS 1.3 it says so after the handshake (RFC 8446 section 4.4.2.4).
bool wants_client_certificate(const tls::Handshake& shake);

}  // namespace mailmedic::starttls
