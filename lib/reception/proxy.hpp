#pragma once
#include <optional>
#include <string_view>

#include "lib/net/address.hpp"

namespace mailmedic::reception {

/// What a load balancer says before the first byte of its client. "The PROXY protocol, versions 1 & 2" by HAProxy.
struct ProxyStart {
  enum class State { incomplete, complete, broken };
  State state = State::incomplete;
  std::size_t size = 0;                  ///< bytes of the header, when complete
  std::optional<net::Endpoint> client{}; ///< nothing: the balancer speaks for itself, or does not know
};

/// Of the bytes so far. A header of more than 1024 bytes is broken.
ProxyStart read_proxy(std::string_view bytes);

}  // namespace mailmedic::reception
