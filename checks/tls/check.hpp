#pragma once
#include "checks/check.hpp"
#include "lib/smtp/tls_scanner.hpp"

namespace mailmedic::tls_scan {

/// One host with what each of its addresses showed.
struct ScannedHost {
  std::string host;
  std::vector<smtp::Scanned> addresses;
};

/// What the protocols, suites and groups of the hosts mean; adds to `report`. Asks nobody. REQUIREMENTS 5.10: what takes an
/// enumeration; what one ordinary handshake shows is judged by "starttls". On port 25 a weakness is milder than on a
/// submission port: a sender without a common suite would deliver in the clear (RFC 7435).
void judge(const std::vector<ScannedHost>& hosts, CheckReport& report);

}  // namespace mailmedic::tls_scan
