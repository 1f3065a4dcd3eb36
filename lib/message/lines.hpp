#pragma once
#include <string_view>

namespace mailmedic::message {

/// The line that begins at `at`, with its end.
inline std::string_view line_at(std::string_view text, std::size_t at) {
  const auto end = text.find('\n', at);
  return text.substr(at, end == text.npos ? text.npos : end - at + 1);
}

/// Without one CRLF or LF at its end.
inline std::string_view without_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace mailmedic::message
