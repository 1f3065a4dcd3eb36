#pragma once
#include <boost/asio/awaitable.hpp>
#include <vector>

#include "lib/dns/resolver.hpp"
#include "lib/dns/wire.hpp"

namespace mailmedic::dns {

/// Asks several questions at once; the answers in their order. The resolver must outlive the coroutine.
asio::awaitable<std::vector<Answer>> query_all(Resolver& dns, std::vector<Question> questions);

}  // namespace mailmedic::dns
