#pragma once
#include <boost/asio/awaitable.hpp>
#include <optional>

#include "checks/dmarc/discover.hpp"

namespace mailmedic::dmarc {

/// How an authenticated domain (d= of DKIM, MAIL FROM of SPF) stands to the domain in From.
struct Alignment {
  bool strict = false;                 ///< the same name
  std::optional<bool> relaxed;         ///< the same organizational domain by tree walk; nothing: DNS did not answer
  bool relaxed_7489 = false;           ///< the same by the public suffix list
  std::optional<dns::Name> author_organization, identifier_organization;  ///< by tree walk
};

/// RFC 9989 sections 4.4 and 4.10.2, RFC 7489 section 3.1. Arguments must outlive the coroutine.
asio::awaitable<Alignment> align(const dns::Name& author, const dns::Name& identifier, dns::Resolver& resolver);

/// Is it aligned in this mode, by RFC 9989? Nothing when it could not be told.
std::optional<bool> is_aligned(const Alignment& alignment, AlignmentMode mode);

}  // namespace mailmedic::dmarc
