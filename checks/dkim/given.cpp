#include "checks/dkim/given.hpp"

#include <algorithm>

#include "lib/text/ascii.hpp"
#include "lib/text/toml.hpp"

namespace mailmedic::dkim {

namespace {

using boost::json::object;

/// An error text, or empty.
std::string read_names(const object& table, std::string_view key, std::vector<dns::Name>& out) {
  for (const std::string& text : text::strings_of(table, key)) {
    const auto name = dns::Name::parse(text);
    if (!name) return std::string(key) + " \"" + text + "\" is no name";
    out.push_back(*name);
  }
  return {};
}

text::Parsed<std::vector<Provider>> read_providers(const std::string& path) {
  const auto file = text::read_toml(path);
  if (!file) return file.error();
  std::vector<Provider> providers;
  for (const auto& item : *file) {
    const object* table = item.value().if_object();
    if (!table) return text::ParseError{0, path + ": " + std::string(item.key()) + " is no table"};
    Provider provider;
    provider.name = text::string_of(*table, "name");
    provider.selectors = text::strings_of(*table, "selectors");
    std::string wrong = provider.name.empty() ? "name is missing" : "";
    if (wrong.empty()) wrong = read_names(*table, "mx", provider.mx);
    if (wrong.empty()) wrong = read_names(*table, "spf", provider.spf);
    if (wrong.empty()) wrong = read_names(*table, "aliases", provider.aliases);
    if (!wrong.empty()) return text::ParseError{0, path + ": " + std::string(item.key()) + ": " + wrong};
    providers.push_back(std::move(provider));
  }
  return providers;
}

text::Parsed<std::vector<KnownKey>> read_known_keys(const std::string& path) {
  const auto file = text::read_toml(path);
  if (!file) return file.error();
  std::vector<KnownKey> keys;
  for (const auto& item : *file) {
    const object* table = item.value().if_object();
    KnownKey key;
    key.fingerprint = item.key();
    if (table) key.source = text::string_of(*table, "source");
    if (key.source.empty() || key.fingerprint.size() != 64) return text::ParseError{0, path + ": " + key.fingerprint + ": give a SHA-256 and its source"};
    keys.push_back(std::move(key));
  }
  return keys;
}

bool is_within_any(const dns::Name& name, const std::vector<dns::Name>& tops) {
  return std::any_of(tops.begin(), tops.end(), [&](const dns::Name& top) { return name.is_within(top); });
}

/// Where the terms of an SPF record lead: the names of include and redirect. A name with macros is none.
std::vector<dns::Name> included_by(std::string_view record) {
  std::vector<dns::Name> names;
  for (std::string_view term : text::words(record)) {
    if (term.starts_with('+')) term.remove_prefix(1);
    const std::size_t skip = text::starts_with_ignoring_case(term, "include:") ? 8 : text::starts_with_ignoring_case(term, "redirect=") ? 9 : 0;
    if (skip == 0 || term.find('%') != term.npos) continue;
    if (const auto name = dns::Name::from_bytes(term.substr(skip))) names.push_back(*name);
  }
  return names;
}

}  // namespace

text::Parsed<Given> read_given(const std::string& data_directory) {
  auto providers = read_providers(data_directory + "/providers.toml");
  if (!providers) return providers.error();
  auto keys = read_known_keys(data_directory + "/known_keys.toml");
  if (!keys) return keys.error();
  Given given;
  given.providers = std::move(*providers);
  given.known_keys = std::move(*keys);
  return given;
}

std::vector<Hint> hints_of(const std::vector<Provider>& providers, const dns::Name& domain, const dns::Answer& mx, const dns::Answer& txt) {
  std::vector<Hint> hints;
  const auto add = [&](const Provider& provider, std::string_view type, const std::string& text) {
    const auto same = [&](const Hint& hint) { return hint.provider == &provider; };
    if (std::none_of(hints.begin(), hints.end(), same)) hints.push_back({&provider, std::string(type) + " " + domain.text(), text});
  };
  for (const dns::Mx& host : mx.all<dns::Mx>())
    for (const Provider& provider : providers)
      if (is_within_any(host.host, provider.mx)) add(provider, "MX", host.host.text());
  for (const dns::Record& record : txt.records) {
    const auto* spf = std::get_if<dns::Txt>(&record.data);
    if (!spf || !text::starts_with_ignoring_case(spf->text, "v=spf1 ")) continue;
    for (const dns::Name& name : included_by(spf->text))
      for (const Provider& provider : providers)
        if (is_within_any(name, provider.spf)) add(provider, "TXT", spf->text.substr(0, 500));
  }
  return hints;
}

const Provider* host_of(const std::vector<Provider>& providers, const std::vector<dns::Name>& aliases) {
  if (aliases.empty()) return nullptr;
  const auto found = std::find_if(providers.begin(), providers.end(), [&](const Provider& provider) { return is_within_any(aliases.back(), provider.aliases); });
  return found == providers.end() ? nullptr : &*found;
}

}  // namespace mailmedic::dkim
