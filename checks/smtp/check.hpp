#pragma once
#include "checks/check.hpp"
#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic::smtp {

/// Does every address of every mail host take connections on port 25, greet, and speak SMTP? REQUIREMENTS 5.10,
/// SMT-010 to SMT-031. Shares its connections with the check "starttls".
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

/// What the facts mean; adds to `report`. Asks nobody.
void judge(const Survey& survey, CheckReport& report);

}  // namespace mailmedic::smtp
