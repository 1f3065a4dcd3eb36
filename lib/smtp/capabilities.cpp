#include "lib/smtp/capabilities.hpp"

#include <algorithm>
#include <charconv>

#include "lib/text/ascii.hpp"

namespace mailmedic::smtp {

namespace {
void add_mechanism(Capabilities& out, std::string_view mechanism) {
  const std::string name = text::upper(mechanism);
  if (!name.empty() && std::find(out.auth.begin(), out.auth.end(), name) == out.auth.end()) out.auth.push_back(name);
}

void add_keyword(Capabilities& out, std::string_view line) {
  const auto words = text::words(line);
  if (words.empty()) return;
  Capabilities::Keyword keyword;
  keyword.name = text::upper(words[0]);
  // Old servers write "AUTH=LOGIN" beside, or instead of, "AUTH LOGIN".
  if (keyword.name.starts_with("AUTH=")) {
    add_mechanism(out, std::string_view(keyword.name).substr(5));
    keyword.name = "AUTH";
  }
  keyword.parameters.assign(words.begin() + 1, words.end());
  if (keyword.name == "AUTH")
    for (const auto& mechanism : keyword.parameters) add_mechanism(out, mechanism);
  if (keyword.name == "SIZE" && !keyword.parameters.empty()) {
    const std::string& digits = keyword.parameters[0];
    std::uint64_t size = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (failed == std::errc() && end == digits.data() + digits.size()) out.size = size;
  }
  if (keyword.name == "LIMITS")
    for (const auto& limit : keyword.parameters)
      if (const auto equals = limit.find('='); equals != std::string::npos)
        out.limits[text::upper(limit.substr(0, equals))] = limit.substr(equals + 1);
  out.keywords.push_back(std::move(keyword));
}
}  // namespace

bool Capabilities::has(std::string_view keyword) const {
  return std::any_of(keywords.begin(), keywords.end(), [&](const Keyword& k) { return k.name == keyword; });
}

Capabilities capabilities_of(const Reply& ehlo) {
  Capabilities out;
  out.lines = ehlo.lines;
  if (out.lines.empty()) return out;
  if (const auto words = text::words(out.lines.front()); !words.empty()) out.domain = words.front();
  for (std::size_t i = 1; i < out.lines.size(); ++i) add_keyword(out, out.lines[i]);
  return out;
}

}  // namespace mailmedic::smtp
