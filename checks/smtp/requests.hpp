#pragma once
#include "checks/check.hpp"
#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic::smtp {

/// What became of that which goes beyond the greetings: XCLIENT, a login, sender, recipient, DATA, QUIT. REQUIREMENTS 5.10,
/// SMT-021 to SMT-025 and SMT-032. Adds to `report`; asks nobody.
void judge_requests(const SurveyedHost& host, const Probe& probe, CheckReport& report);

}  // namespace mailmedic::smtp
