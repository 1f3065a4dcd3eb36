#pragma once
#include "lib/smtp/prober.hpp"

namespace mailmedic::smtp {

/// How far a connection came, as far as the network and not the server is concerned.
enum class Reach {
  accepted,       ///< the connection stood
  refused,        ///< the host, or something before it, said no: a fact about the address
  silent,         ///< nothing came, or a router said that there is no way: may be the address, may be our network
  no_route_here,  ///< our own machine has no way into that family: says nothing about the address
  local,          ///< our side failed otherwise
};
Reach reach_of(const Probe& probe);

}  // namespace mailmedic::smtp
