#pragma once
#include <vector>

#include "lib/smtp/prober.hpp"
#include "lib/smtp/tls_scanner.hpp"
#include "lib/tls/trust_store.hpp"

namespace mailmedic::smtp {

/// The chains that a scan met and the ordinary handshake did not, verified: a server with keys of several kinds (RSA, EC) shows
/// each client one, and a fault of the other is seen by others. Each leaf once; a Handshake here has a chain and its
/// verification, no protocol.
std::vector<tls::Handshake> other_certificates(const Probe& ordinary, const Scanned& scanned, const tls::TrustStore& trust,
                                               std::chrono::system_clock::time_point now);

}  // namespace mailmedic::smtp
