#pragma once
#include "checks/check.hpp"

namespace mailmedic::dnssec {

/// How the names that a domain's mail rests on stand with DNSSEC. With Probes::chain, link by link from the root;
/// otherwise by the word of the resolver, for what that is worth. Not signed is no fault.
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

}  // namespace mailmedic::dnssec
