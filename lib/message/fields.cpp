#include "lib/message/fields.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "lib/text/ascii.hpp"
#include "lib/text/byte_set.hpp"

namespace mailmedic::message {

namespace {

/// Printable ASCII without the colon. RFC 5322 section 3.6.8.
bool is_field_name(std::string_view name) {
  for (const char c : name)
    if (c < '!' || c > '~') return false;
  return !name.empty();
}

}  // namespace

std::string unfolded(std::string_view text) {
  constexpr text::ByteSet ends("\r\n");
  std::string out;
  for (;;) {
    const std::size_t end = ends.first_in(text);
    out += text.substr(0, end);
    if (end == text.size()) return out;
    text.remove_prefix(end + 1);
  }
}

std::string in_one_line(std::string_view text) {
  std::string out = unfolded(text);
  std::replace(out.begin(), out.end(), '\t', ' ');
  return out;
}

text::Parsed<std::vector<Field>> parse_fields(std::string_view text) {
  std::vector<Field> fields;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (at > max_header_bytes) return text::ParseError{at, "the header is larger than 1 MiB"};
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number;
    if (line.empty()) break;
    const auto colon = line.find(':');
    const std::string_view name = text::trimmed(line.substr(0, colon));
    if (line.front() == ' ' || line.front() == '\t') {
      if (fields.empty()) return text::ParseError{at, "the message begins with a line that continues another"};
      fields.back().raw.append("\r\n").append(line);
    } else if (colon != line.npos && is_field_name(name)) {
      if (fields.size() == max_fields) return text::ParseError{at, "the header has more than 2000 fields"};
      fields.push_back({std::string(name), std::string(line.substr(colon + 1)), number});
    } else if (number != 1 || !line.starts_with("From ")) {
      return text::ParseError{at, "line " + std::to_string(number) + " is no header field: it has no name in front of a colon"};
    }
    at = end + 1;
  }
  return fields;
}

text::Parsed<std::vector<Field>> read_fields(const std::string& file) {
  std::ifstream input(file, std::ios::binary);
  std::string text(max_header_bytes + 2, '\0');
  if (input) input.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!input.eof() && input.fail()) return text::ParseError{0, file + ": " + std::strerror(errno)};
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(input.gcount(), 0)));
  if (input.bad()) return text::ParseError{0, file + ": " + std::strerror(errno)};
  auto fields = parse_fields(text);
  if (!fields) return text::ParseError{fields.error().offset, file + ": " + fields.error().why};
  return fields;
}

}  // namespace mailmedic::message
