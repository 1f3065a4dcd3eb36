#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::text {

/// One "name=value" of a tag list. Names keep their case, as RFC 6376 section 3.2 makes it significant.
struct Tag {
  std::string name;
  std::string value;         ///< white space at both ends removed, inside kept
  std::size_t offset = 0;    ///< of the name, in bytes
};

/// A list "a=1; b=2" as DKIM, DMARC, MTA-STS, TLS-RPT and BIMI records use it. RFC 6376 section 3.2.
class TagList {
 public:
  /// Tags in order, duplicates kept: what a duplicate means is the caller's to judge. An error for a part
  /// without "=", or a name that is not a letter followed by letters, digits and underscores. Empty parts
  /// (";;", a trailing ";") are skipped.
  static Parsed<TagList> parse(std::string_view text);

  const std::vector<Tag>& tags() const { return tags_; }
  /// The first tag of that name, or nothing.
  const Tag* find(std::string_view name) const;
  std::optional<std::string_view> value(std::string_view name) const;
  /// Names that stand more than once, each named once.
  std::vector<std::string> duplicates() const;

 private:
  std::vector<Tag> tags_;
};

}  // namespace mailmedic::text
