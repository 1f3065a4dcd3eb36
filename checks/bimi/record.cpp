#include "checks/bimi/record.hpp"

#include <algorithm>

#include "lib/text/ascii.hpp"
#include "lib/text/tag_list.hpp"

namespace mailmedic::bimi {

namespace {

bool is_prefix(std::string_view text) {
  return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) { return text::is_alnum(c) || c == '-'; });
}

class Reader {
 public:
  explicit Reader(Record& record) : record_(record) {}

  void read(std::string_view text) {
    for (const std::string_view part : text::split(text, ';')) {
      const std::string_view body = text::trimmed(part);
      if (body.empty()) continue;
      const auto parsed = text::TagList::parse(body);
      if (!parsed) {
        note(Fault::syntax, std::string(body.substr(0, 200)), "", parsed.error().why);
        continue;
      }
      take(parsed->tags().front());
    }
    if (!has_location_) note(Fault::no_location, "l", "", "the tag is missing");
    record_.is_declined = has_location_ && location_.empty() && !record_.has_certificate;
  }

 private:
  void note(Fault fault, std::string tag, std::string value, std::string why) {
    record_.problems.push_back({fault, std::move(tag), std::move(value), std::move(why)});
  }

  void take(const text::Tag& tag) {
    if (std::find(seen_.begin(), seen_.end(), tag.name) != seen_.end()) return note(Fault::duplicate, tag.name, tag.value, "the tag stands twice");
    seen_.push_back(tag.name);
    if (tag.name == "l") {
      has_location_ = true;
      location_ = tag.value;
      uri(tag, record_.logo);
    } else if (tag.name == "a") {
      // Early drafts had "self" for "no certificate".
      record_.has_certificate = !tag.value.empty() && tag.value != "self";
      if (record_.has_certificate) uri(tag, record_.certificate);
    } else if (tag.name == "avp") {
      preference(tag);
    } else if (tag.name == "lps") {
      prefixes(tag);
    } else if (tag.name != "v") {
      record_.extensions.push_back(tag.name);
    }
  }

  void uri(const text::Tag& tag, std::optional<https::Url>& into) {
    if (tag.value.empty()) return;
    if (tag.value.find(',') != std::string::npos) return note(Fault::bad_uri, tag.name, tag.value, "a comma must be written as %2C, and there may be one URI only");
    auto url = https::Url::parse(tag.value);
    if (url) into = std::move(*url);
    else note(Fault::bad_uri, tag.name, tag.value, url.error().why);
  }

  void preference(const text::Tag& tag) {
    const std::string value = text::lower(tag.value);
    if (value == "brand" || value == "personal") record_.preference = value;
    else note(Fault::bad_value, tag.name, tag.value, "must be brand or personal");
  }

  void prefixes(const text::Tag& tag) {
    for (const std::string_view piece : text::split(tag.value, ',')) {
      const std::string_view prefix = text::trimmed(piece);
      if (is_prefix(prefix)) record_.prefixes.emplace_back(prefix);
      else note(Fault::bad_value, tag.name, tag.value, "must be a list of prefixes of letters, digits and hyphens, with commas between");
      if (!is_prefix(prefix)) return;
    }
  }

  Record& record_;
  std::vector<std::string> seen_;
  std::string location_;
  bool has_location_ = false;
};

}  // namespace

bool is_record(std::string_view text) {
  const std::string_view first = text.substr(0, text.find(';'));
  const auto equals = first.find('=');
  if (!text.starts_with('v') || equals == std::string_view::npos) return false;
  return text::trimmed(first.substr(0, equals)) == "v" && text::trimmed(first.substr(equals + 1)) == "BIMI1";
}

bool is_nearly_record(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (plain.size() == 6) break;
    if (!text::is_space(c) && c != '"' && c != '\'' && static_cast<unsigned char>(c) < 0x80) plain += text::lower(c);
  }
  return plain == "v=bimi" && !is_record(text);
}

text::Parsed<Record> parse_record(std::string_view text) {
  if (!is_record(text)) return text::ParseError{0, "the first tag is not v=BIMI1"};
  Record record;
  record.text = text;
  Reader(record).read(text);
  return record;
}

}  // namespace mailmedic::bimi
