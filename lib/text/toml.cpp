#include "lib/text/toml.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
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

/// "smtp" of "[smtp]"; nothing when the line is no heading. Other forms, "[[smtp]]" and "[smtp.en]", are empty names.
std::optional<std::string_view> heading_of(std::string_view line) {
  if (!line.starts_with('[')) return std::nullopt;
  const auto end = line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", 1);
  if (end == line.npos || line[end] != ']' || line.find_first_not_of(" \t\r", end + 1) != line.npos) return "";
  return line.substr(1, end - 1);
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

Parsed<TomlTables> TomlTables::open(const std::string& path) {
  TomlTables out;
  out.path_ = path;
  std::ifstream in(path, std::ios::binary);
  out.text_.assign(std::istreambuf_iterator<char>(in), {});
  if (!in.is_open() || in.bad()) return ParseError{0, fmt::format("{}: {}", path, std::strerror(errno))};
  Piece* last = nullptr;
  const std::string_view text = out.text_;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (const auto name = heading_of(text.substr(at, end - at))) {
      if (last) last->size = at - last->at;
      const auto [place, is_new] = out.pieces_.try_emplace(std::string(*name), Piece{at, text.size() - at});
      last = &place->second;
      if (!is_new || name->empty()) out.is_in_pieces_ = false;
    }
    at = end + 1;
  }
  return out;
}

std::vector<std::string> TomlTables::names() const {
  std::vector<std::string> out;
  for (const auto& [name, piece] : pieces_) out.push_back(name);
  return out;
}

Parsed<json::object> TomlTables::read(std::string_view name) const {
  const auto piece = pieces_.find(name);
  if (is_in_pieces_ && piece == pieces_.end()) return json::object();
  const auto table_of = [name](const json::object& tables) {
    const json::value* value = tables.if_contains(name);
    return value && value->is_object() ? value->get_object() : json::object();
  };
  if (is_in_pieces_) {
    try {
      return table_of(table_to_json(toml::parse(std::string_view(text_).substr(piece->second.at, piece->second.size))));
    } catch (const toml::parse_error&) {
      // The whole file tells the line, or that a heading stood within a text of several lines.
    }
  }
  const auto whole = read_toml(path_);
  if (!whole) return whole.error();
  return table_of(*whole);
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
