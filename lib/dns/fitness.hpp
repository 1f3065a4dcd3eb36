#pragma once
// What a resolver is good for, found out before anything that rests on it is believed.
#include <string>

#include "lib/dns/resolver.hpp"

namespace mailmedic::dns {

/// Does the resolver verify DNSSEC?
enum class Validation {
  proved,    ///< it vouches for signed names, and refuses one that is known to be badly signed
  claimed,   ///< it vouches for the signed root; no badly signed name is known in its world
  none,      ///< it vouches for nothing, or gives out what is badly signed
  unknown,   ///< it did not answer
};
std::string_view validation_text(Validation validation);

struct Fitness {
  Validation validation = Validation::unknown;
  bool rewrites_absence = false;  ///< it gives an address for a name that cannot exist
  std::string public_service;     ///< the name of the public service that it is; empty: none that is known
  bool is_local = false;          ///< on loopback: its AD bit cannot have been forged on the way
  std::string server;
};

/// Asks what tells, at once; through a caching resolver that is one round trip a run. `badly_signed` must be a name whose
/// signatures do not hold, as dnssec-failed.org.
asio::awaitable<Fitness> measure_fitness(Resolver& resolver, Name badly_signed);

/// Of the well-known public resolvers, the one with this address; empty for others. As of November 2026.
std::string_view public_resolver(const net::Address& address);

}  // namespace mailmedic::dns
