#pragma once
// The text of a BIMI assertion record. Pure: no DNS. draft-brand-indicators-for-message-identification, "Assertion
// Record Definition".
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/https/url.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::bimi {

/// Is it selected as a record: first tag v with exactly the value BIMI1?
bool is_record(std::string_view text);

/// Was it meant as one, and is not selected: "v=bimi1; l=", a quote or a space in front?
bool is_nearly_record(std::string_view text);

enum class Fault {
  syntax,       ///< a part that is no tag: receivers do not repair, they ignore the record
  duplicate,    ///< a tag that stands more than once
  no_location,  ///< l is absent
  bad_uri,      ///< of l or a
  bad_value,    ///< of avp or lps: the default applies
};

struct Problem {
  Fault fault = Fault::syntax;
  std::string tag;    ///< its name; for `syntax` the part as written
  std::string value;
  std::string why;    ///< in English
};

struct Record {
  std::string text;
  std::optional<https::Url> logo, certificate;  ///< of l and a, where they are usable
  bool is_declined = false;         ///< l and a are empty: "no logo for this domain"
  bool has_certificate = false;     ///< a holds something
  std::string preference = "brand"; ///< avp: "brand" or "personal"
  std::vector<std::string> prefixes{};   ///< lps: for which local parts
  std::vector<std::string> extensions{}; ///< names of tags that are not known: ignored
  std::vector<Problem> problems{};
};

/// An error for a text that is not selected; everything else stands in Record::problems.
text::Parsed<Record> parse_record(std::string_view text);

}  // namespace mailmedic::bimi
