#pragma once
#include <string>
#include <string_view>

namespace mailmedic::text {

/// Hostile bytes made harmless for a terminal or a log: control characters (C0, DEL, C1), invalid UTF-8,
/// bidirectional overrides and zero-width characters become \xNN or \u{NNNN}; a backslash stays as it is.
/// Valid UTF-8 text otherwise passes. At most `limit` bytes of input are shown, then "... (N bytes)".
std::string shown(std::string_view text, std::size_t limit = 2000);

/// Length in bytes of the valid UTF-8 sequence at the start of `text` and its code point; {0, 0} if it is not
/// one. RFC 3629.
struct Utf8 {
  int length = 0;
  char32_t code_point = 0;
};
Utf8 utf8_at(std::string_view text);
bool is_utf8(std::string_view text);
/// Bytes of ASCII in front of the first other one.
std::size_t ascii_length(std::string_view text);

/// Columns that `text` takes on a terminal: East Asian wide characters take two.
int display_width(std::string_view text);

}  // namespace mailmedic::text
