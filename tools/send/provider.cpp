#include "tools/send/provider.hpp"

#include <fmt/format.h>

#include "lib/text/toml.hpp"

namespace mailmedic::send {

text::Parsed<std::vector<Provider>> read_providers(const std::string& file) {
  const auto table = text::read_toml(file);
  if (!table) return table.error();
  std::vector<Provider> out;
  for (const auto& [id, value] : *table) {
    if (!value.is_object()) return text::ParseError{0, fmt::format("{}: {} is no table", file, std::string(id))};
    const auto& entry = value.as_object();
    Provider one{.id = std::string(id), .name = text::string_of(entry, "name"), .server = text::string_of(entry, "server"), .implicit_tls = text::string_of(entry, "encryption") == "implicit"};
    one.mechanisms = text::strings_of(entry, "mechanisms");
    one.user = text::string_of(entry, "user");
    one.password = text::string_of(entry, "password");
    one.url = text::string_of(entry, "url");
    if (const auto* rows = entry.if_contains("refusals"); rows && rows->is_array())
      for (const auto& row : rows->as_array())
        if (row.is_array() && row.as_array().size() == 2 && row.at(0).is_string() && row.at(1).is_string()) one.refusals.emplace_back(row.at(0).as_string(), row.at(1).as_string());
    if (one.name.empty() || one.server.empty()) return text::ParseError{0, fmt::format("{}: [{}] lacks name or server", file, one.id)};
    out.push_back(std::move(one));
  }
  return out;
}

std::string meaning_of(const Provider& provider, const std::string& reply) {
  for (const auto& [words, meaning] : provider.refusals)
    if (reply.find(words) != reply.npos) return meaning;
  return {};
}

}  // namespace mailmedic::send
