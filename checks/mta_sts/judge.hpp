#pragma once
// What the parts of MTA-STS mean; check.cpp asks, these judge.
#include "checks/check.hpp"
#include "checks/mta_sts/policy.hpp"
#include "lib/dns/answer.hpp"
#include "lib/https/fetch.hpp"
#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic::mta_sts {

/// The records at _mta-sts; true when exactly one can be used.
bool judge_record(const dns::Name& domain, const dns::Answer& answer, CheckReport& report);

/// How the policy was served; the policy when it was, and is text of a sensible length.
std::optional<Policy> judge_fetch(const dns::Name& domain, const https::Fetched& fetched, TimePoint now, CheckReport& report);

/// What stands in the policy.
void judge_policy(const dns::Name& domain, const Policy& policy, const std::string& text, CheckReport& report);

/// The policy against the domain's mail hosts. RFC 8461 section 4.1.
void judge_patterns(const dns::Name& domain, const Policy& policy, const smtp::MailHosts& mail, CheckReport& report);

/// The policy against what each mail host showed on port 25. RFC 8461 sections 4.2 and 5.
void judge_hosts(const dns::Name& domain, const Policy& policy, const smtp::Survey& survey, CheckReport& report);

/// One address of a mail host, asked with its name in SNI and without. RFC 8461 section 7.1.
void judge_names(const dns::Name& host, const smtp::Probe& named, const smtp::Probe& unnamed, CheckReport& report);

/// Senders that do both follow DANE first. RFC 8461 section 2.
void judge_dane(const dns::Name& domain, const std::vector<dns::Answer>& tlsa, CheckReport& report);

}  // namespace mailmedic::mta_sts
