#include "checks/dmarc/align.hpp"

#include "lib/dns/public_suffix.hpp"
#include "lib/net/parallel.hpp"

namespace mailmedic::dmarc {

asio::awaitable<Alignment> align(const dns::Name& author, const dns::Name& identifier, dns::Resolver& resolver) {
  Alignment out;
  out.strict = author == identifier;
  // A public suffix itself has no registrable domain; it is aligned with itself only.
  out.relaxed_7489 = dns::registrable_domain(author).value_or(author) == dns::registrable_domain(identifier).value_or(identifier);
  if (out.strict) {
    out.relaxed = true;  // no walk needed (RFC 9989 section 4.10.2)
    co_return out;
  }
  std::vector<asio::awaitable<Walk>> work;
  work.push_back(walk(author, resolver));
  work.push_back(walk(identifier, resolver));
  const std::vector<Walk> walks = co_await net::in_parallel(std::move(work));
  out.author_organization = walks[0].organizational_domain();
  out.identifier_organization = walks[1].organizational_domain();
  if (out.author_organization && out.identifier_organization) out.relaxed = *out.author_organization == *out.identifier_organization;
  co_return out;
}

std::optional<bool> is_aligned(const Alignment& alignment, AlignmentMode mode) {
  return mode == AlignmentMode::strict ? alignment.strict : alignment.relaxed;
}

}  // namespace mailmedic::dmarc
