#pragma once
// Asks the world now what a reply claimed then.
#include <boost/asio/awaitable.hpp>

#include "checks/bounce/claims.hpp"
#include "checks/check.hpp"

namespace mailmedic::bounce {

enum class Held {
  confirmed,     ///< it is still so
  gone,          ///< it is not so now; it may have been
  contradicted,  ///< it is not so now, and the reply is too young for a change
  untested,      ///< it cannot be looked up from here, or nobody answered
};
std::string_view held_word(Held held);  ///< "confirmed", "no-longer-true", "contradicted", "not-checkable"

struct Rechecked {
  Claim claim;
  Held held = Held::untested;
  std::string found;             ///< what was seen now, or why nothing was
  std::vector<Evidence> evidence{};
};

/// `fresh`: the reply came just now. All are asked at once; limits and links are left out. Arguments must outlive the
/// coroutine.
asio::awaitable<std::vector<Rechecked>> recheck(std::vector<Claim> claims, const Context& context, bool fresh, Probes& probes);

}  // namespace mailmedic::bounce
