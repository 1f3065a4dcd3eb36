#pragma once
#include <compare>
#include <optional>
#include <string>

#include "lib/net/address.hpp"

namespace mailmedic::smtp {

/// What a load balancer says before the first byte of its client. "The PROXY protocol, versions 1 & 2" by HAProxy.
struct ProxyHeader {
  int version = 1;
  std::optional<net::Endpoint> source{}, destination{};  ///< nothing: those of the connection itself

  auto operator<=>(const ProxyHeader&) const = default;
};

/// The bytes of version 1 (section 2.1, a line of text) or 2 (section 2.2, binary). The endpoints must be of one family, else
/// the header says that they are unknown.
std::string proxy_bytes(int version, const net::Endpoint& source, const net::Endpoint& destination);

/// For a transcript: the line, or what the binary header says.
std::string proxy_text(int version, const net::Endpoint& source, const net::Endpoint& destination);

}  // namespace mailmedic::smtp
