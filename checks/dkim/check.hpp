#pragma once
#include "checks/check.hpp"
#include "checks/dkim/given.hpp"
#include "lib/dkim/key.hpp"
#include "checks/dkim/record.hpp"
#include "lib/dns/answer.hpp"

namespace mailmedic::dkim {

/// Judges the key records of target.selectors and of the signatures in target.signing that are by the domain, one above
/// or one below; without any, of usual selectors that answer. That none of these answers is an unknown, and only for
/// a domain that may send mail: one with a null MX or "v=spf1 -all" needs no key. One target of many is asked for the
/// usual selectors only where something is below _domainkey (RFC 8020), those of its services first.
/// Facts: keys[] {selector, domain, aliases, hosted_by, algorithm, bits, fingerprint, flags, services, record, user_named,
/// authentic, bytes, over_tcp}, selectors_asked[], services[], signatures[] {domain, selector, asked}, private_keys[] {file, algorithm,
/// bits, mode, published_at[]}.
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

/// What was found at one selector.
struct Found {
  std::string selector;
  dns::Name name;           ///< SELECTOR._domainkey.DOMAIN
  dns::Answer answer;       ///< with at least one TXT record
  bool user_named = false;  ///< false: whether anything signs with it is not known
  std::vector<const Signature*> signatures{};  ///< made with it
};

/// A key that can be used, for what shows only beside the others.
struct Published {
  std::string selector;
  dns::Name name;
  std::string key_type, fingerprint;
  const Provider* host = nullptr;  ///< the service that its alias leads to
  std::string alias;               ///< the last one; empty where there is none
  bool user_named = false;
};

/// Judges one key record: findings, and an entry of the fact `keys`. Pure. What is found under a guessed selector
/// may be a leftover, so that nothing of it is worse than a warning, except a key that anybody can break. Nothing
/// for a key that cannot be used.
std::optional<Published> judge_key(const Found& found, const Given& given, TimePoint now, CheckReport& report);

/// What shows of the usable keys together: one key under several selectors, those that a service keeps.
void judge_together(const std::vector<Published>& keys, const dns::Name& domain, CheckReport& report);

/// Holds the private keys against the published ones, and looks at who may read their files. `all_known`: every
/// selector that signs is among `keys` or was found to have none that can be used.
void judge_private_keys(const std::vector<PrivateKey>& private_keys, const std::vector<Published>& keys, bool all_known, const dns::Name& domain, CheckReport& report);

/// The last day of the date in a selector, as in "20240601", "202406", "2024-06" or "s2024q"; nothing where there is none.
std::optional<std::chrono::sys_days> date_in(std::string_view selector);

}  // namespace mailmedic::dkim
