#pragma once
#include "checks/check.hpp"
#include "lib/dkim/key.hpp"
#include "checks/dkim/record.hpp"
#include "lib/dns/answer.hpp"

namespace mailmedic::dkim {

/// Judges the key records of target.selectors; without any, of the common selectors that answer. That none of these
/// answers is an unknown, and only for a domain that may send mail: one with a null MX or "v=spf1 -all" needs no key.
/// Facts: keys[] {selector, domain, aliases, algorithm, bits, flags, record, user_named}, selectors_asked[].
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

/// What was found at one selector.
struct Found {
  std::string selector;
  dns::Name name;           ///< SELECTOR._domainkey.DOMAIN
  dns::Answer answer;       ///< with at least one TXT record
  bool user_named = false;  ///< false: whether anything signs with it is not known
};

/// Judges one key record: findings, and an entry of the fact `keys`. Pure. What is found under a guessed selector
/// may be a leftover, so that nothing of it is worse than a warning, except a key that anybody can break.
void judge_key(const Found& found, CheckReport& report);

}  // namespace mailmedic::dkim
