#pragma once
#include "checks/check.hpp"
#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic::smtp {

/// Does this receiver block addresses that ask about recipients without sending a message? Microsoft does (SC-002). SMT-035.
bool forbids_rcpt_probes(const MailHost& host);

/// Tells of hosts that were not asked for that reason; adds to `report`.
void judge_rcpt_not_asked(const Survey& survey, CheckReport& report);

}  // namespace mailmedic::smtp
