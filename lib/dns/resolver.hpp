#pragma once
#include <boost/asio/awaitable.hpp>

#include "lib/dns/answer.hpp"

namespace mailmedic::dns {

namespace asio = boost::asio;

/// Answers questions of class IN. Implementations: StubResolver (the network), CachingResolver and
/// TracingResolver (in front of another), Zone (text, for tests and the demonstration).
class Resolver {
 public:
  virtual ~Resolver() = default;
  /// Never throws for what the network does; cancelled by the awaiting coroutine's end.
  virtual asio::awaitable<Answer> query(Name name, Type type) = 0;
};

}  // namespace mailmedic::dns
