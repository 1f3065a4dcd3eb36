#pragma once
// Everything that a mail server takes for TLS: one connection for each ClientHello, few of them at once.
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/connect_to.hpp"
#include "lib/smtp/dialogue.hpp"
#include "lib/tls/scan.hpp"

namespace mailmedic::smtp {

namespace asio = boost::asio;

struct ScanOptions {
  std::chrono::steady_clock::duration timeout = std::chrono::seconds(8);  ///< for each step of a connection
  std::chrono::steady_clock::duration pace{0};  ///< between the starts of two connections to one address
  int at_once = 4;                              ///< connections to one address
  std::optional<net::Address> bind_address{};
  std::vector<net::ConnectTo> connect_to{};
  std::string helo{};                           ///< empty: the address literal of the connection (RFC 5321 section 4.1.3)
};

struct ScanRequest {
  net::Endpoint endpoint;
  std::string host{};  ///< for SNI; may be empty
  Encryption encryption = Encryption::starttls_required;  ///< or implicit, for any server that speaks TLS at once
};

/// What was found at one address.
struct Scanned {
  ScanRequest request;
  std::vector<tls::VersionFacts> versions;  ///< TLS 1.3 first, SSLv2 last
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
