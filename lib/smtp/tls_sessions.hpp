#pragma once
// What a server does with TLS sessions beyond the first handshake: does it take one up again, and may a client ask for a second
// handshake within one?
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "lib/smtp/scan_options.hpp"
#include "lib/tls/session.hpp"

namespace mailmedic::smtp {

namespace asio = boost::asio;

/// Of one version.
struct SessionFacts {
  enum class Resumption {
    unknown,   ///< `why`
    none,      ///< neither ticket nor session id was given
    resumed,   ///< a second connection took it up
    refused,   ///< it was given, and yet the second connection made a full handshake
  };
  tls::Protocol protocol = tls::Protocol::tls1_3;
  Resumption resumption = Resumption::unknown;
  bool by_ticket = false;              ///< else by session id; of one that was given
  std::uint32_t lifetime_s = 0;        ///< 0: not told
  std::uint32_t early_data_bytes = 0;  ///< 0-RTT that the server would take. RFC 8446 section 4.2.10
  tls::Renegotiation renegotiation = tls::Renegotiation::none;  ///< `none` with TLS 1.3; `pending`: no answer
  std::string why{};                   ///< what stood in the way, raw
  int connections = 0;
};
std::string_view resumption_text(SessionFacts::Resumption resumption);          ///< "unknown", "none", "resumed", "refused"
std::string_view renegotiation_text(tls::Renegotiation renegotiation);          ///< "not_tried", "unknown", "taken", "refused"

/// {version, resumption, by, lifetime_s, early_data_bytes, renegotiation, why}.
boost::json::object facts_of(const SessionFacts& facts);

/// Two connections, one after the other. `speaks_smtp` false: TLS and nothing behind it.
asio::awaitable<SessionFacts> try_sessions(ScanRequest request, tls::Protocol protocol, const ScanOptions& options);

}  // namespace mailmedic::smtp
