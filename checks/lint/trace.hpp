#pragma once
#include <optional>
#include <vector>

#include "checks/lint/letter.hpp"
#include "lib/message/trace.hpp"
#include "lib/net/address.hpp"

namespace mailmedic::lint {

/// One Received field, and where its client is.
struct Hop : message::Hop {
  std::optional<net::Address> client{};
  bool is_private = false;  ///< from an address that is not of the Internet
};

/// The first hop first, which is the last field. At most message::max_hops.
std::vector<Hop> hops_of(const Letter& letter);

}  // namespace mailmedic::lint
