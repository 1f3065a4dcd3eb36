#pragma once
// Which record speaks for a domain, and which domain is its organization's: by the tree walk of RFC 9989 and by the
// public suffix list of RFC 7489.
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "checks/dmarc/record.hpp"
#include "lib/dns/resolver.hpp"

namespace mailmedic::dmarc {

namespace asio = boost::asio;

/// Questions of one tree walk at most. RFC 9989 section 4.10.
inline constexpr std::size_t max_walk_queries = 8;

/// What one name of a walk holds.
struct WalkStep {
  dns::Name domain;             ///< asked as _dmarc.DOMAIN
  dns::Answer answer;
  std::vector<std::string> records;  ///< those that are selected; several are all discarded (section 4.10)
  std::optional<Record> record;      ///< the only one
};

enum class WalkEnd {
  top,        ///< the top-level domain was asked last
  psd_yes,    ///< a public suffix domain
  psd_no,     ///< said not to be one: the organizational domain
  no_answer,  ///< DNS failed: neither the policy nor the organizational domain can be told
};
std::string_view walk_end_text(WalkEnd end);

struct Walk {
  std::vector<WalkStep> steps;  ///< in order, up to where the walk stopped
  WalkEnd end = WalkEnd::top;

  /// RFC 9989 section 4.10.2; nothing when the walk ended in `no_answer`.
  std::optional<dns::Name> organizational_domain() const;
};

/// The tree walk from `domain`. All names are asked at once, which cannot change what the walk finds; the steps end
/// where a receiver's walk ends.
asio::awaitable<Walk> walk(const dns::Name& domain, dns::Resolver& resolver);

/// The record that speaks for a domain by one standard.
struct Discovery {
  bool known = true;              ///< false: DNS did not answer, nothing can be told
  std::optional<dns::Name> organizational_domain;
  std::optional<Record> record;   ///< none: there is no policy
  dns::Name record_domain;        ///< whose record it is
};

/// RFC 9989 section 4.10.1: the domain's own record, else its organizational domain's, else the public suffix
/// domain's.
Discovery discover(const dns::Name& domain, const Walk& walk);

/// The record that speaks for the names below the domain that have none of their own: only what the organizational
/// domain (or else the public suffix domain) says counts for them. RFC 9989 sections 4.7 and 4.10.1.
Discovery discover_below(const Walk& walk);

/// RFC 7489 section 6.6.3, with the public suffix list: the domain's own record, else the organizational domain's.
asio::awaitable<Discovery> discover_7489(const dns::Name& domain, dns::Resolver& resolver);

}  // namespace mailmedic::dmarc
