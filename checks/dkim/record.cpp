#include "checks/dkim/record.hpp"

#include <algorithm>

#include "lib/text/ascii.hpp"
#include "lib/text/tag_list.hpp"

namespace mailmedic::dkim {

namespace {

std::vector<std::string> colon_list(std::string_view value) {
  std::vector<std::string> out;
  for (const std::string_view piece : text::split(value, ':'))
    if (const auto word = text::trimmed(piece); !word.empty()) out.push_back(text::lower(word));
  return out;
}

bool contains(const std::vector<std::string>& list, std::string_view word) { return std::find(list.begin(), list.end(), word) != list.end(); }

}  // namespace

bool KeyRecord::has_flag(std::string_view flag) const { return contains(flags, flag); }
bool KeyRecord::allows_hash(std::string_view hash) const { return !hashes || contains(*hashes, hash); }
bool KeyRecord::serves(std::string_view service) const { return contains(services, "*") || contains(services, service); }

text::Parsed<KeyRecord> parse_key_record(std::string_view text) {
  const auto list = text::TagList::parse(text);
  if (!list) return list.error();
  KeyRecord record;
  record.text = text;
  record.duplicates = list->duplicates();
  for (const text::Tag& tag : list->tags()) {
    if (contains(record.duplicates, tag.name) && list->find(tag.name) != &tag) continue;
    if (tag.name == "v") {
      record.version = tag.value;
      record.version_is_first = &tag == &list->tags().front();
    } else if (tag.name == "k") {
      record.key_type = text::lower(tag.value);
    } else if (tag.name == "h") {
      record.hashes = colon_list(tag.value);
    } else if (tag.name == "s") {
      record.services = colon_list(tag.value);
    } else if (tag.name == "t") {
      record.flags = colon_list(tag.value);
    } else if (tag.name == "g") {
      record.granularity = tag.value;
    } else if (tag.name == "n") {
      record.notes = tag.value;
    } else if (tag.name == "p") {
      // Folding white space may stand anywhere in base64. Section 2.10.
      std::string key;
      for (const char c : tag.value)
        if (!text::is_space(c)) key += c;
      record.key = std::move(key);
    } else {
      record.unknown_tags.push_back(tag.name);
    }
  }
  return record;
}

}  // namespace mailmedic::dkim
