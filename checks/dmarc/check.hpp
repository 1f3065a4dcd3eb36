#pragma once
#include "checks/check.hpp"
#include "checks/dmarc/picture.hpp"

namespace mailmedic::dmarc {

/// Judges the DMARC policy that speaks for the domain: discovery by both standards, the record, where reports go.
/// Facts: those of `write_facts`, and alignment[] of `to_json`.
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

/// What a policy record says by itself. Pure. `record_domain` is whose record it is, `organizational` the
/// organizational domain where it could be told.
void judge_record(const Record& record, const dns::Name& record_domain, const std::optional<dns::Name>& organizational,
                  CheckReport& report);

/// What the policy that speaks for the domain does there, and what the next step would be. Pure; it looks at what the
/// report says of alignment already, so judge that first.
void judge_policy(const Picture& picture, CheckReport& report);

}  // namespace mailmedic::dmarc
