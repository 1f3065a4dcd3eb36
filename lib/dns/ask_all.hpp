#pragma once
#include <vector>

#include "lib/dns/resolver.hpp"
#include "lib/dns/wire.hpp"

namespace mailmedic::dns {

/// Asks all questions, at most `at_once` of them open at a time; the answers stand in the order of the questions.
/// The resolver must outlive the coroutine.
asio::awaitable<std::vector<Answer>> ask_all(std::vector<Question> questions, Resolver& resolver, std::size_t at_once = 16);

}  // namespace mailmedic::dns
