#include "lib/text/toml.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <sstream>

#include <toml++/toml.h>

namespace mailmedic::text {

namespace json = boost::json;

namespace {

json::value to_json(const toml::node& node);

json::object table_to_json(const toml::table& table) {
  json::object out;
  // toml++ keeps keys sorted; the file's order is that of their positions.
  std::vector<std::pair<std::string_view, const toml::node*>> rows;
  for (const auto& [key, item] : table) rows.emplace_back(key.str(), &item);
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.second->source().begin < b.second->source().begin;
  });
  for (const auto& [key, item] : rows) out[key] = to_json(*item);
  return out;
}

json::value to_json(const toml::node& node) {
  if (const auto* table = node.as_table()) return table_to_json(*table);
  if (const auto* array = node.as_array()) {
    json::array out;
    for (const toml::node& item : *array) out.push_back(to_json(item));
    return out;
  }
  if (const auto* text = node.as_string()) return json::value(text->get());
  if (const auto* number = node.as_integer()) return json::value(number->get());
  if (const auto* number = node.as_floating_point()) return json::value(number->get());
  if (const auto* yes = node.as_boolean()) return json::value(yes->get());
  std::ostringstream date;
  if (const auto* day = node.as_date()) date << day->get();
  if (const auto* time = node.as_date_time()) date << time->get();
  return json::value(date.str());
}

}  // namespace

Parsed<json::object> read_toml(const std::string& path) {
  try {
    return table_to_json(toml::parse_file(path));
  } catch (const toml::parse_error& broken) {
    const auto line = broken.source().begin.line;
    return ParseError{line, line ? fmt::format("{}:{}: {}", path, line, broken.description())
                                 : fmt::format("{}: {}", path, broken.description())};
  }
}

std::vector<std::string> strings_of(const json::object& table, std::string_view key) {
  std::vector<std::string> out;
  const json::value* value = table.if_contains(key);
  if (const json::array* array = value ? value->if_array() : nullptr)
    for (const json::value& item : *array)
      if (const auto* text = item.if_string()) out.emplace_back(text->data(), text->size());
  return out;
}

std::string string_of(const json::object& table, std::string_view key) {
  const json::value* value = table.if_contains(key);
  const json::string* text = value ? value->if_string() : nullptr;
  return text ? std::string(text->data(), text->size()) : std::string();
}

}  // namespace mailmedic::text
