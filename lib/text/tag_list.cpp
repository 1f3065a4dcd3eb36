#include "lib/text/tag_list.hpp"

#include <algorithm>

#include "lib/text/ascii.hpp"

namespace mailmedic::text {

namespace {
bool is_tag_name(std::string_view name) {
  return !name.empty() && is_alpha(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '_'; });
}
}  // namespace

Parsed<TagList> TagList::parse(std::string_view text) {
  TagList list;
  for (const std::string_view part : split(text, ';')) {
    const std::string_view body = trimmed(part);
    if (body.empty()) continue;
    const auto offset = static_cast<std::size_t>(body.data() - text.data());
    const auto equals = body.find('=');
    if (equals == std::string_view::npos) return ParseError{offset, "a tag without \"=\""};
    const std::string_view name = trimmed(body.substr(0, equals));
    if (!is_tag_name(name)) return ParseError{offset, "a tag name must be a letter, then letters, digits or \"_\""};
    list.tags_.push_back({std::string(name), std::string(trimmed(body.substr(equals + 1))), offset});
  }
  return list;
}

const Tag* TagList::find(std::string_view name) const {
  const auto found = std::find_if(tags_.begin(), tags_.end(), [&](const Tag& tag) { return tag.name == name; });
  return found == tags_.end() ? nullptr : &*found;
}

std::optional<std::string_view> TagList::value(std::string_view name) const {
  const Tag* tag = find(name);
  if (!tag) return std::nullopt;
  return tag->value;
}

std::vector<std::string> TagList::duplicates() const {
  std::vector<std::string> out;
  for (const Tag& tag : tags_) {
    const auto same = [&](const Tag& other) { return other.name == tag.name; };
    if (std::count_if(tags_.begin(), tags_.end(), same) > 1 && std::find(out.begin(), out.end(), tag.name) == out.end())
      out.push_back(tag.name);
  }
  return out;
}

}  // namespace mailmedic::text
