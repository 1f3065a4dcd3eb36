#pragma once
#include "checks/certificate_life.hpp"
#include "checks/check.hpp"
#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic::starttls {

/// Do the mail hosts offer STARTTLS, does it work, and who could trust their certificates? REQUIREMENTS 5.10,
/// SMT-018 to SMT-020 and TLS-001 to TLS-024, as an opportunistic sender sees it (RFC 7435): what MTA-STS and DANE
/// make of it is judged by their own checks. Shares its connections with the check "smtp".
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

/// What the facts mean as of `now`; adds to `report`. Asks nobody. `expiry`: when a certificate's end is to be told of.
void judge(const smtp::Survey& survey, TimePoint now, CheckReport& report, const ExpiryDays& expiry = {});

}  // namespace mailmedic::starttls
