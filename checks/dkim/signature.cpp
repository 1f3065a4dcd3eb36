#include "checks/dkim/signature.hpp"

#include "lib/text/ascii.hpp"
#include "lib/text/tag_list.hpp"

namespace mailmedic::dkim {

namespace {

constexpr std::size_t shown_bytes = 1000;

/// Folding may put white space anywhere into a value. RFC 6376 section 3.2.
std::string without_space(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (!text::is_space(c)) out += c;
  return out;
}

}  // namespace

text::Parsed<Signature> parse_signature(std::string_view value) {
  const auto list = text::TagList::parse(value);
  if (!list) return list.error();
  for (const std::string& tag : list->duplicates())
    if (tag == "d" || tag == "s" || tag == "i") return text::ParseError{list->find(tag)->offset, "the tag " + tag + " stands more than once"};
  const text::Tag* domain = list->find("d");
  const text::Tag* selector = list->find("s");
  if (!domain || !selector) return text::ParseError{0, std::string("it has no tag ") + (domain ? "s" : "d")};
  Signature signature;
  const auto name = dns::Name::parse(without_space(domain->value));
  if (!name || name->is_root()) return text::ParseError{domain->offset, "d is no domain name"};
  signature.domain = signature.identity_domain = *name;
  signature.selector = without_space(selector->value);
  if (!name->prefixed(signature.selector + "._domainkey")) return text::ParseError{selector->offset, "s is no selector"};
  if (const text::Tag* identity = list->find("i")) {
    const std::string written = without_space(identity->value);
    const auto at = written.rfind('@');
    const auto behind = at == written.npos ? text::Parsed<dns::Name>(text::ParseError{}) : dns::Name::parse(std::string_view(written).substr(at + 1));
    if (!behind) return text::ParseError{identity->offset, "i has no domain"};
    signature.identity_domain = *behind;
  }
  for (const char c : value.substr(0, shown_bytes))
    if (c != '\r' && c != '\n') signature.text += c;
  return signature;
}

}  // namespace mailmedic::dkim
