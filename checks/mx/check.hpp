#pragma once
#include "checks/check.hpp"

namespace mailmedic::mx {

/// Do the domain's mail exchangers exist, and may mail be sent to them? DNS only; connections are the smtp check's.
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

}  // namespace mailmedic::mx
