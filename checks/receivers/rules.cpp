#include "checks/receivers/rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/receivers/measure.hpp"
#include "lib/text/toml.hpp"

namespace mailmedic::receivers {

using boost::json::object;

const Rules::Provider* Rules::find(std::string_view id) const {
  const auto found = std::find_if(providers.begin(), providers.end(), [&](const Provider& one) { return one.id == id; });
  return found == providers.end() ? nullptr : &*found;
}

namespace {

/// An error text, or empty.
std::string read_rule(const object& table, const std::string& provider, Rule& out) {
  out.provider = provider;
  out.spec = text::string_of(table, "spec");
  out.measure = text::string_of(table, "measure");
  out.en = text::string_of(table, "en");
  out.zh = text::string_of(table, "zh");
  out.since = text::string_of(table, "since");
  out.source = text::string_of(table, "source");
  out.read = text::string_of(table, "read");
  for (const auto& [word, value] : {std::pair("spec", &out.spec), {"measure", &out.measure}, {"en", &out.en}, {"zh", &out.zh}, {"source", &out.source}, {"read", &out.read}})
    if (value->empty()) return fmt::format("it has no {}", word);
  if (!is_measure(out.measure)) return fmt::format("there is no measure \"{}\"", out.measure);
  const std::string who = text::string_of(table, "who"), level = text::string_of(table, "level");
  if (who != "all" && who != "bulk") return fmt::format("who = \"{}\" is neither all nor bulk", who);
  if (level != "required" && level != "advised") return fmt::format("level = \"{}\" is neither required nor advised", level);
  out.bulk_only = who == "bulk";
  out.is_advice = level == "advised";
  return {};
}

}  // namespace

text::Parsed<Rules> read_rules(const std::string& path) {
  const auto file = text::read_toml(path);
  if (!file) return file.error();
  Rules rules;
  for (const auto& item : *file) {
    const std::string id(item.key());
    const object* provider = item.value().if_object();
    const auto* value = provider ? provider->if_contains("rule") : nullptr;
    const boost::json::array* entries = value ? value->if_array() : nullptr;
    if (!entries) return text::ParseError{0, fmt::format("{}: [{}] has no [[{}.rule]]", path, id, id)};
    rules.providers.push_back({id, text::string_of(*provider, "name"), text::string_of(*provider, "name-zh"), text::string_of(*provider, "bulk")});
    std::size_t number = 0;
    for (const auto& entry : *entries) {
      ++number;
      Rule rule;
      const std::string why = entry.is_object() ? read_rule(entry.get_object(), id, rule) : "it is not a table";
      if (!why.empty()) return text::ParseError{0, fmt::format("{}: [[{}.rule]] number {}: {}", path, id, number, why)};
      rules.rules.push_back(std::move(rule));
    }
  }
  return rules;
}

}  // namespace mailmedic::receivers
