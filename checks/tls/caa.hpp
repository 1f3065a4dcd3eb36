#pragma once
#include "checks/check.hpp"
#include "lib/dns/resolver.hpp"

namespace mailmedic::tls_scan {

/// Which authorities may issue certificates for a host.
struct CaaFound {
  dns::Name host;
  dns::Name at;        ///< the name whose records count, or whose question was not answered
  dns::Answer answer;  ///< its answer; absent where no name up to the top has records
};

/// Asks for CAA at the host and at each name above it, all at once; the lowest that has records counts (RFC 8659 section 3).
/// Of very long names the lowest twelve.
asio::awaitable<CaaFound> find_caa(dns::Resolver& dns, dns::Name host);

/// TLS-023; adds to `report`, also the fact {host, at, records[]} below "caa".
void judge_caa(const CaaFound& found, CheckReport& report);

}  // namespace mailmedic::tls_scan
