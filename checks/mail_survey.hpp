#pragma once
#include "checks/check.hpp"
#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic {

/// What every check of the mail hosts says before it looks at one: a domain without mail is not applicable, DNS
/// that did not answer is unknown. False when there is no address to look at, and the report is then complete.
bool has_mail_hosts(const smtp::MailHosts& mail, CheckReport& report);

/// Is it known whether this address offers STARTTLS, and what became of it? Not where the greetings did not end, where a
/// limit of ours passed, or where the server said "later" (421).
bool encryption_is_known(const smtp::Probe& probe);

}  // namespace mailmedic
