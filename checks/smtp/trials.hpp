#pragma once
#include "checks/check.hpp"
#include "lib/smtp/trial.hpp"

namespace mailmedic::smtp {

/// What a trial of one address showed, as findings about `host`. SMT-014, SMT-020, SMT-026 to SMT-028, SMT-033, SMT-034.
/// Adds to `report`; asks nobody.
void judge_trial(const std::string& host, const net::Endpoint& endpoint, const TrialSeen& seen, CheckReport& report);

/// {trial, performed, why, steps[{form, reply}]}.
boost::json::object facts_of(const TrialSeen& seen);

}  // namespace mailmedic::smtp
