#pragma once
#include "checks/check.hpp"
#include "checks/spf/evaluate.hpp"
#include "checks/spf/survey.hpp"

namespace mailmedic::spf {

/// Judges the domain's SPF record, all that it draws in, and what it says of each of target.sending_addresses.
/// Facts: record, records[], lookups, lookups_complete, void_lookups[], includes[], evaluations[].
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

/// What a survey says by itself, without any address: syntax, terms, includes, limits. Pure. Also for a proposed
/// record. What could not be told goes to the report's unknowns. In a private world (Target::private_world) addresses
/// of special use are ordinary.
void judge(const Survey& survey, CheckReport& report, bool private_world = false);

/// What one evaluation says of one sender: nothing for pass. Pure.
void judge(const Evaluation& evaluation, const Query& query, CheckReport& report);

}  // namespace mailmedic::spf
