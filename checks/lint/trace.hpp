#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "checks/lint/letter.hpp"
#include "lib/net/address.hpp"

namespace mailmedic::lint {

/// One Received field. RFC 5321 section 4.4.
struct Hop {
  std::string from, by, with;                          ///< as written; empty where nothing is said
  std::optional<net::Address> client{};                ///< the address in brackets
  std::optional<std::chrono::sys_seconds> time{};
  bool is_private = false;                             ///< from an address that is not of the Internet
  std::optional<bool> tls{};                           ///< by RFC 3848: ESMTPS; nothing for other words
};

/// The first hop first, which is the last field. At most 200.
std::vector<Hop> hops_of(const Letter& letter);

}  // namespace mailmedic::lint
