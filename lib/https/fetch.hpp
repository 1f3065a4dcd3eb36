#pragma once
#include <vector>

#include "lib/dns/resolver.hpp"
#include "lib/https/getter.hpp"
#include "lib/https/url.hpp"

namespace mailmedic::https {

/// Addresses of one host that are asked at most.
inline constexpr std::size_t max_addresses = 8;

struct HostAddresses {
  dns::Answer a, aaaa;                  ///< how each question ended
  std::vector<net::Address> addresses;  ///< of the wanted families, IPv4 first, each once

  bool is_definite() const { return a.is_definite() && aaaa.is_definite(); }
  /// Surely no address of either family.
  bool is_absent() const { return a.is_absent() && aaaa.is_absent(); }
};
asio::awaitable<HostAddresses> find_addresses(dns::Resolver& dns, dns::Name host, net::Families families);

/// What a whole fetch showed.
struct Fetched {
  HostAddresses host;
  std::vector<Response> responses;  ///< in the order of the addresses, max_addresses at most

  /// The response that a client would have used: the first complete one, else the first; null without any.
  const Response* best() const;
};

/// Asks every address at once.
asio::awaitable<Fetched> fetch_from_all(dns::Resolver& dns, Getter& getter, Url url, std::size_t body_limit, net::Families families);

/// Asks one address after the other until one can be connected to, as clients do. With `handshake_only` nothing is
/// asked for.
asio::awaitable<Fetched> fetch(dns::Resolver& dns, Getter& getter, Url url, std::size_t body_limit, net::Families families, bool handshake_only = false);

}  // namespace mailmedic::https
