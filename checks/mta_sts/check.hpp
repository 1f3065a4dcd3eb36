#pragma once
#include "checks/check.hpp"

namespace mailmedic::mta_sts {

/// MTA-STS of a domain (RFC 8461): the record, the policy as every address of the policy host serves it, the mail
/// hosts that it allows, and, where mail servers may be connected to, whether each would pass it. Without
/// Probes::https the record alone.
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

}  // namespace mailmedic::mta_sts
