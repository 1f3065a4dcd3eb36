#pragma once
#include <chrono>
#include <map>

#include "lib/net/address.hpp"

namespace mailmedic::reception {

struct GateLimits {
  std::size_t connections = 100;  ///< at once, of all
  std::size_t per_address = 20;   ///< at once, of one address (of one /64 with IPv6)
  std::size_t per_minute = 120;   ///< new ones of one address
};

/// Who may come in. Time is handed in, so that it can be tested without waiting.
class Gate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Gate(GateLimits limits) : limits_(limits) {}
  /// May this address open one more connection? Then leave() must follow.
  bool enter(const net::Address& address, Time now);
  void leave(const net::Address& address);

 private:
  struct Visitor {
    std::size_t open = 0, recent = 0;
    Time minute{};
  };
  void forget(Time now);

  GateLimits limits_;
  std::size_t open_ = 0;
  std::map<net::Address, Visitor> visitors_;
};

}  // namespace mailmedic::reception
