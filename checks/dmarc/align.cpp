#include "checks/dmarc/align.hpp"

#include "lib/dns/public_suffix.hpp"

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
  const Walk from_author = co_await walk(author, resolver);
  const Walk from_identifier = co_await walk(identifier, resolver);
  out.author_organization = from_author.organizational_domain();
  out.identifier_organization = from_identifier.organizational_domain();
  if (out.author_organization && out.identifier_organization) out.relaxed = *out.author_organization == *out.identifier_organization;
  co_return out;
}

std::optional<bool> is_aligned(const Alignment& alignment, AlignmentMode mode) {
  return mode == AlignmentMode::strict ? alignment.strict : alignment.relaxed;
}

}  // namespace mailmedic::dmarc
