#pragma once
#include "checks/check.hpp"
#include "checks/dmarc/discover.hpp"

namespace mailmedic::dmarc {

/// Judges the DMARC policy that speaks for the domain: discovery by both standards, the record, where reports go.
/// Facts: record, record_domain, policy, organizational_domain, tree_walk[], rfc7489{}, effective{}, alignment[].
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

/// What a policy record says by itself. Pure. `record_domain` is whose record it is, `organizational` the
/// organizational domain where it could be told.
void judge_record(const Record& record, const dns::Name& record_domain, const std::optional<dns::Name>& organizational,
                  CheckReport& report);

}  // namespace mailmedic::dmarc
