#pragma once
// Everything that a mail server takes for TLS: one connection for each ClientHello, few of them at once.
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "lib/smtp/scan_options.hpp"
#include "lib/smtp/tls_sessions.hpp"
#include "lib/tls/scan.hpp"

namespace mailmedic::smtp {

namespace asio = boost::asio;

/// What was found at one address.
struct Scanned {
  ScanRequest request;
  std::vector<tls::VersionFacts> versions;  ///< TLS 1.3 first, SSLv2 last
  std::vector<SessionFacts> sessions;       ///< of TLS 1.3 and of the newest version before it, where they are spoken
  int connections = 0;     ///< that were opened
  int failed = 0;          ///< of these: ended before a hello could be sent
  std::string trouble;     ///< why the last of these did: a reply or an error, raw
  std::chrono::microseconds duration{0};

  bool speaks_tls() const;
  const tls::VersionFacts* version(tls::Version version) const;
};

/// Scans. A server that hangs up or says 421 is asked again, a little later and with one connection at a time; what it then still
/// does not let us measure is left unknown. Ends after 600 connections at the latest.
asio::awaitable<Scanned> scan_tls(ScanRequest request, ScanOptions options);

}  // namespace mailmedic::smtp
