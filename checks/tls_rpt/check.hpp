#pragma once
#include "checks/check.hpp"

namespace mailmedic::tls_rpt {

/// Where senders are to report failures of TLS (RFC 8460): the record, and whether its destinations can take reports.
/// Nothing is ever sent to them.
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

}  // namespace mailmedic::tls_rpt
