#pragma once
// All records that an SPF record draws in, whatever the client's address: what a worst case evaluation would ask.
#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>
#include <vector>

#include "checks/spf/evaluate.hpp"
#include "lib/dns/resolver.hpp"
#include "lib/dns/wire.hpp"

namespace mailmedic::spf {

/// Domains that one survey asks for their records; more are not looked at.
inline constexpr std::size_t max_surveyed_domains = 100;

/// One domain's record, as found.
struct Surveyed {
  dns::Answer answer;                 ///< to the TXT question
  std::vector<dns::Txt> records;      ///< those that are selected as SPF (RFC 7208 section 4.5)
  std::shared_ptr<const Reading> reading;  ///< of the only one; else null

  /// Terms that can be evaluated: up to the first `all`, and a redirect where there is no `all`.
  std::vector<const Term*> effective_terms() const;
};

/// A reference from one record to another.
struct Reference {
  dns::Name from;
  const Term* term = nullptr;  ///< include or redirect
  dns::Name to;
};

/// One term that costs a lookup, in the order of evaluation.
struct CountedTerm {
  dns::Name domain;  ///< whose record holds it
  const Term* term = nullptr;
  int depth = 0;     ///< 0 in the first record
};

struct Survey {
  dns::Name domain;
  std::map<dns::Name, Surveyed> records;      ///< of the domain and of all that it draws in
  std::vector<Reference> references;          ///< each pair of record and term once
  std::vector<CountedTerm> lookups;           ///< cut at 200
  bool complete = true;                       ///< false: a record or answer is missing, so that there may be more lookups
  std::vector<std::vector<dns::Name>> loops;  ///< each from its first domain to the same again
  std::vector<VoidLookup> void_lookups;       ///< as far as a client's address does not matter: neither A nor AAAA, no MX
  std::map<dns::Question, dns::Answer> answers;  ///< to what `a`, `mx` and `exists` ask, where no macro is in it

  const Surveyed& first() const { return records.at(domain); }
};

/// Asks for the whole tree, each level's records at the same time. `proposed` stands for the record of `domain`
/// where given. Arguments must outlive the coroutine.
asio::awaitable<Survey> survey(const dns::Name& domain, dns::Resolver& resolver, const std::string* proposed = nullptr);

}  // namespace mailmedic::spf
