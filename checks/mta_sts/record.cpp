#include "checks/mta_sts/record.hpp"

#include <algorithm>

#include "lib/text/ascii.hpp"

namespace mailmedic::mta_sts {

bool is_record(std::string_view text) {
  constexpr std::string_view version = "v=STSv1";
  if (!text.starts_with(version)) return false;
  return text::trimmed(text.substr(version.size())).starts_with(';');
}

bool is_nearly_record(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (plain.size() == 7) break;
    if (!text::is_space(c) && c != '"' && c != '\'' && static_cast<unsigned char>(c) < 0x80) plain += text::lower(c);
  }
  return plain == "v=stsv1" && !is_record(text);
}

text::Parsed<Record> parse_record(std::string_view text) {
  const auto tags = text::TagList::parse(text);
  if (!tags) return tags.error();
  Record record{.text = std::string(text), .id = {}};
  for (const text::Tag& tag : tags->tags()) {
    if (tag.name == "id" && record.id.empty()) record.id = tag.value;
    else if (tag.name != "v" && tag.name != "id") record.extensions.push_back(tag);
  }
  record.id_is_valid = !record.id.empty() && record.id.size() <= 32 && std::all_of(record.id.begin(), record.id.end(), text::is_alnum);
  return record;
}

}  // namespace mailmedic::mta_sts
