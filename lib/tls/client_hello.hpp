#pragma once
// ClientHello messages written byte by byte: a library of today cannot offer what a server of yesterday takes.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/tls/registry.hpp"

namespace mailmedic::tls {

/// One offer of exactly one version. RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2.
struct ClientHello {
  Version version = Version::tls1_2;         ///< SSLv2: a hello with all of its suites; nothing else of this counts
  std::vector<std::uint16_t> suites{};       ///< by preference
  std::vector<std::uint16_t> groups{};       ///< by preference
  std::string host{};                        ///< server_name (RFC 6066 section 3); empty: none
  /// TLS 1.3: with no key share the server answers with a HelloRetryRequest that names suite and group (RFC 8446 section 4.2.8).
  /// True: send a share of x25519, for servers that do not bear that.
  bool share_x25519 = false;

  bool operator==(const ClientHello&) const = default;
};

/// How many random bytes a hello takes: random, session id, key share.
inline constexpr std::size_t hello_randomness = 96;

/// The hello in its record. `random`: hello_randomness bytes, which the caller makes. SSLv3 gets no extensions. Compression is
/// offered up to TLS 1.2, so that a server that would use it shows it.
std::string bytes_of(const ClientHello& hello, std::string_view random);

}  // namespace mailmedic::tls
