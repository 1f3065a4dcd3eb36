#pragma once
// The header of a message as it was sent: raw fields, not decoded.
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::message {

/// Without the line ends of folding. RFC 5322 section 2.2.3.
std::string unfolded(std::string_view text);

/// The same with a space for each tab, to be read by people.
std::string in_one_line(std::string_view text);

/// One header field. RFC 5322 section 2.2.
struct Field {
  std::string name;      ///< as written, without the colon
  std::string raw;       ///< what follows the colon, folds and all, without the last line end
  std::size_t line = 1;  ///< number of its first line

  std::string unfolded() const { return message::unfolded(raw); }
};

/// Larger headers, or with more fields, are refused rather than read in part.
inline constexpr std::size_t max_header_bytes = 1024 * 1024, max_fields = 2000;

/// The fields in front of the first empty line, of `text` that may go on behind it. Lines may end in CRLF or LF; a first
/// line "From ..." of a mailbox file is skipped. An error, with the offset, for a line that is no field, and for a
/// header over the limits.
text::Parsed<std::vector<Field>> parse_fields(std::string_view text);

/// The same of a file, of which no more than its header is kept. `why` names the file.
text::Parsed<std::vector<Field>> read_fields(const std::string& file);

}  // namespace mailmedic::message
