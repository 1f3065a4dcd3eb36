#include "tools/cli/signing_keys.hpp"

#include <algorithm>

#include "lib/text/ascii.hpp"

namespace mailmedic::cli {

text::Parsed<std::vector<NamedKey>> keys_of(const CommandLine& line, const dns::Name& domain) {
  std::vector<NamedKey> out;
  for (const std::string& given : line.texts("key")) {
    const auto colon = given.find(':');
    if (colon == 0 || colon == given.npos || colon + 1 == given.size()) return text::ParseError{0, "--key " + given + ": give SELECTOR:FILE, as s2026:s2026.example.org.key"};
    const NamedKey key{given.substr(0, colon), given.substr(colon + 1)};
    const bool is_plain = std::all_of(key.selector.begin(), key.selector.end(), [](char c) { return text::is_alnum(c) || c == '-' || c == '_' || c == '.'; });
    if (!is_plain || !domain.prefixed(key.selector + "._domainkey")) return text::ParseError{0, "--key " + given + ": " + key.selector + " cannot be a selector"};
    const auto is_same = [&](const NamedKey& other) { return text::equals_ignoring_case(other.selector, key.selector); };
    if (std::any_of(out.begin(), out.end(), is_same)) return text::ParseError{0, "--key " + given + ": the selector is named twice; each key has its own"};
    out.push_back(key);
  }
  if (out.empty()) return text::ParseError{0, "--key is missing: SELECTOR:FILE of the key that signs; mailmedic keygen makes one"};
  return out;
}

text::Parsed<std::unique_ptr<dkim::Signer>> signer_of(const dkim::SigningRules& rules, const std::vector<NamedKey>& keys) {
  std::vector<dkim::Signer::Use> uses;
  for (const NamedKey& named : keys) {
    auto key = dkim::SigningKey::read(named.file);
    if (!key) return text::ParseError{0, "--key " + key.error().why};
    uses.push_back({named.selector, std::move(*key)});
  }
  return std::make_unique<dkim::Signer>(rules, std::move(uses));
}

}  // namespace mailmedic::cli
