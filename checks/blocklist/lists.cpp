#include "checks/blocklist/lists.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lib/text/ascii.hpp"
#include "lib/text/toml.hpp"

namespace mailmedic::blocklist {

namespace {

using boost::json::object;

std::vector<std::pair<std::string, std::string>> pairs_of(const object& table, std::string_view key) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto* value = table.if_contains(key);
  if (const object* pairs = value ? value->if_object() : nullptr)
    for (const auto& item : *pairs) out.emplace_back(std::string(item.key()), text::string_of(*pairs, item.key()));
  return out;
}

/// "127.0.x.2" matches any third octet.
bool matches(std::string_view pattern, std::string_view answer) {
  if (pattern == "*") return true;
  const auto wanted = text::split(pattern, '.'), got = text::split(answer, '.');
  if (wanted.size() != got.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i] != "x" && wanted[i] != got[i]) return false;
  return true;
}

bool contains(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

std::string_view tier_word(Tier tier) { return tier == Tier::high ? "high" : tier == Tier::medium ? "medium" : "low"; }

std::optional<Tier> parse_tier(std::string_view word) {
  for (const Tier tier : {Tier::low, Tier::medium, Tier::high})
    if (word == tier_word(tier)) return tier;
  return std::nullopt;
}

text::Parsed<std::vector<List>> read_lists(const std::string& path) {
  const auto file = text::read_toml(path);
  if (!file) return file.error();
  std::vector<List> lists;
  for (const auto& item : *file) {
    const object* table = item.value().if_object();
    const auto zone = dns::Name::parse(item.key());
    if (!table || !zone) return text::ParseError{0, fmt::format("{}: [\"{}\"] is not a zone with a table", path, std::string(item.key()))};
    List list{.zone = *zone, .shown = zone->text()};
    list.name = text::string_of(*table, "name");
    list.url = text::string_of(*table, "url");
    list.note = text::string_of(*table, "note");
    list.closed = text::string_of(*table, "closed");
    list.test = text::string_of(*table, "test");
    list.key_name = text::string_of(*table, "key");
    list.zone_with_key = text::string_of(*table, "zone");
    for (const std::string& other : text::strings_of(*table, "replaces")) {
      const auto replaced = dns::Name::parse(other);
      if (!replaced) return text::ParseError{0, fmt::format("{}: {}: replaces \"{}\" is no zone", path, list.zone.text(), other)};
      list.replaces.push_back(*replaced);
    }
    for (const std::string& what : text::strings_of(*table, "asks")) {
      if (what == "ip4") list.asks_ip4 = true;
      else if (what == "ip6") list.asks_ip6 = true;
      else if (what == "domain") list.asks_domain = true;
      else return text::ParseError{0, fmt::format("{}: {}: asks \"{}\" is none of ip4, ip6, domain", path, list.zone.text(), what)};
    }
    list.allows = text::string_of(*table, "kind") == "allow";
    list.tier = parse_tier(text::string_of(*table, "tier")).value_or(Tier::low);
    list.codes = pairs_of(*table, "codes");
    for (const auto& [bit, meaning] : pairs_of(*table, "bits")) {
      int value = 0;
      const auto [end, failed] = std::from_chars(bit.data(), bit.data() + bit.size(), value);
      if (failed != std::errc() || end != bit.data() + bit.size())
        return text::ParseError{0, fmt::format("{}: {}: bit \"{}\" is no number", path, list.zone.text(), bit)};
      list.bits.emplace_back(value, meaning);
    }
    list.ignore = text::strings_of(*table, "ignore");
    list.refusals = pairs_of(*table, "refusals");
    list.policy = text::strings_of(*table, "policy");
    lists.push_back(std::move(list));
  }
  return lists;
}

List unknown_list(const dns::Name& zone) {
  List list{.zone = zone, .shown = zone.text(), .name = zone.text()};
  list.asks_ip4 = list.asks_ip6 = list.asks_domain = list.kinds_unknown = true;
  list.tier = Tier::medium;
  list.codes = {{"*", "listed"}};
  return list;
}

Reading read_answer(const List& list, const std::vector<net::Address>& answer) {
  Reading reading;
  const net::Prefix loopback{net::parse_address("127.0.0.0").value(), 8};
  bool all_policy = true;
  for (const net::Address& address : answer) {
    const std::string code = address.to_string();
    if (!loopback.contains(address)) {
      reading.kind = Reading::Kind::rewritten;
      reading.meanings = {fmt::format("{} is outside 127.0.0.0/8: not the list's answer", code)};
      return reading;
    }
    const auto refusal = std::find_if(list.refusals.begin(), list.refusals.end(), [&](const auto& row) { return row.first == code; });
    std::string why;
    if (refusal != list.refusals.end()) why = fmt::format("{}: {}", code, refusal->second);
    else if (code.starts_with("127.255.255.")) why = fmt::format("{}: the list refuses this resolver", code);
    else if (code == "127.0.0.1" && !contains(list.ignore, code)) why = "127.0.0.1 is never a listing";
    if (!why.empty()) {
      reading.kind = Reading::Kind::refused;
      reading.meanings = {why};
      return reading;
    }
    if (contains(list.ignore, code)) continue;
    std::vector<std::string> meanings;
    const int last = static_cast<unsigned char>(net::bytes_of(address).back());
    for (const auto& [bit, meaning] : list.bits)
      if (last & bit) meanings.push_back(fmt::format("{}: {}", code, meaning));
    if (meanings.empty()) {
      const auto known = std::find_if(list.codes.begin(), list.codes.end(), [&](const auto& row) { return matches(row.first, code); });
      meanings.push_back(known == list.codes.end() ? fmt::format("{}: a code of unknown meaning", code) : fmt::format("{}: {}", code, known->second));
    }
    all_policy = all_policy && contains(list.policy, code);
    reading.kind = Reading::Kind::listed;
    reading.meanings.insert(reading.meanings.end(), meanings.begin(), meanings.end());
  }
  reading.policy_only = reading.kind == Reading::Kind::listed && all_policy;
  return reading;
}

}  // namespace mailmedic::blocklist
