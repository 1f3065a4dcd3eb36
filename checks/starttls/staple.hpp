#pragma once
#include "checks/check.hpp"
#include "lib/net/address.hpp"
#include "lib/tls/handshake.hpp"

namespace mailmedic::starttls {

/// TLS-016: what a server's OCSP staple, or its absence, means for its certificate at `now`. Goes to findings, or to unknowns
/// where it cannot be told whether the staple is genuine. Nothing where none was sent and none is asked for.
void judge_staple(const tls::Handshake& shake, const std::string& host, const net::Endpoint& endpoint, TimePoint now, CheckReport& report);

}  // namespace mailmedic::starttls
