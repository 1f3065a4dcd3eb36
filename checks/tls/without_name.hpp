#pragma once
#include "checks/check.hpp"
#include "lib/smtp/prober.hpp"

namespace mailmedic::tls_scan {

/// TLS-018: what a server shows to those who send no name (SNI), beside what it shows to those who do. DANE and MTA-STS senders
/// send it (RFC 7672 section 8.1, RFC 8461 section 7.1), many opportunistic ones do not. `named` and `unnamed`: ordinary
/// handshakes with one address. Nothing is judged where the first did not complete.
void judge_without_name(const std::string& host, const smtp::Probe& named, const smtp::Probe& unnamed, CheckReport& report);

}  // namespace mailmedic::tls_scan
