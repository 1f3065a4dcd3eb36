#pragma once
// All that DNS says about who speaks for a domain, by both standards, and what follows for mail from it.
#include "checks/check.hpp"
#include "checks/dmarc/author_domain.hpp"
#include "checks/dmarc/discover.hpp"

namespace mailmedic::dmarc {

struct Picture {
  dns::Name domain;
  Walk walked;
  Discovery found, below;          ///< RFC 9989: for the domain itself; for names below it without a record
  Discovery old_found, old_below;  ///< RFC 7489, with the public suffix list
  AuthorDomain author;

  /// The policy for mail from the domain itself (`Subject::domain`), or from a name below it that has no record of its
  /// own. Nothing: DNS did not answer.
  std::optional<Effective> effective(Subject subject, Standard standard) const;

  /// Does the record of another domain speak for this one?
  bool is_inherited() const { return found.record && found.record_domain != domain; }
};

/// Asks everything at once. Arguments must outlive the coroutine.
asio::awaitable<Picture> look(const dns::Name& domain, dns::Resolver& resolver);

/// Facts: record, record_domain, policy, organizational_domain, tree_walk[], tree_walk_end, rfc7489{}, effective{},
/// author_domain{}, next_step.
void write_facts(const Picture& picture, Facts& facts);

}  // namespace mailmedic::dmarc
