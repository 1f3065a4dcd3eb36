#pragma once
// The domain in From itself, apart from DMARC: does it exist, and does it take part in mail at all?
#include <boost/asio/awaitable.hpp>
#include <optional>

#include "lib/dns/resolver.hpp"

namespace mailmedic::dmarc {

namespace asio = boost::asio;

struct AuthorDomain {
  dns::Answer mx, txt;
  dns::Answer a, aaaa;  ///< asked only where there is no MX and the domain exists

  /// Existence decides between sp and np. RFC 9989 section 3.2.13: only NXDOMAIN (RFC 8020) means that it does not.
  /// Nothing: DNS did not answer.
  std::optional<bool> exists() const;
  /// RFC 9091 section 2.7, which receivers in use still follow: a name without A, AAAA and MX does not exist either.
  std::optional<bool> exists_9091() const;

  /// Is it a domain without mail: "v=spf1 -all", and a null MX or no MX? Nothing: DNS did not answer.
  std::optional<bool> is_parked() const;
  /// The only MX is ".". RFC 7505.
  bool has_null_mx() const;
  /// May SPF pass for any sender: is there one record, which says more than "v=spf1 -all"? Nothing: DNS did not answer.
  std::optional<bool> may_pass_spf() const;
};

/// Asks for MX and TXT at once, then for addresses where these decide. Arguments must outlive the coroutine.
asio::awaitable<AuthorDomain> look_at_author(const dns::Name& domain, dns::Resolver& resolver);

}  // namespace mailmedic::dmarc
