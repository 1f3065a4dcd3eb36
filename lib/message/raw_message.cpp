#include "lib/message/raw_message.hpp"

#include <algorithm>
#include <cstring>

#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::message {

namespace {

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// "From joe@example.org Thu Jan  1 ..." of a mailbox file, and not the field "From : joe@example.org".
bool is_envelope_line(std::string_view line) { return line.starts_with("From ") && !text::trimmed(line.substr(5)).starts_with(':'); }

/// The line at the start of `text`, with its end.
std::string_view first_line(std::string_view text) {
  const auto end = text.find('\n');
  return end == text.npos ? text : text.substr(0, end + 1);
}

}  // namespace

text::Parsed<RawMessage> parse_raw(std::string_view text) {
  RawMessage out;
  out.fields.reserve(32);
  std::size_t at = 0, number = 1;
  if (const auto line = first_line(text); is_envelope_line(line)) {
    out.envelope = line;
    at = line.size();
    ++number;
  }
  const std::size_t begin = at;
  for (; at < text.size(); ++number) {
    const std::string_view line = first_line(text.substr(at)), bare = without_line_end(line);
    if (bare.empty()) break;
    if (at + line.size() - begin > max_header_bytes) return text::ParseError{at, "the header is larger than 1 MiB"};
    if (bare.front() == ' ' || bare.front() == '\t') {
      if (out.fields.empty()) return text::ParseError{at, "the message begins with a line that continues another"};
      RawField& field = out.fields.back();
      const char* end = bare.data() + bare.size();
      field.whole = std::string_view(field.whole.data(), static_cast<std::size_t>(end - field.whole.data()));
      field.value = std::string_view(field.value.data(), static_cast<std::size_t>(end - field.value.data()));
    } else {
      const auto colon = bare.find(':');
      const std::string_view name = text::trimmed(bare.substr(0, colon));
      const auto is_name_byte = [](char c) { return c >= '!' && c <= '~'; };
      if (colon == bare.npos || name.empty() || !std::all_of(name.begin(), name.end(), is_name_byte))
        return text::ParseError{at, "line " + std::to_string(number) + " is no header field: it has no name in front of a colon"};
      if (out.fields.size() == max_fields) return text::ParseError{at, "the header has more than 2000 fields"};
      out.fields.push_back({bare, name, bare.substr(colon + 1)});
    }
    at += line.size();
  }
  out.head = text.substr(begin, at - begin);
  if (at < text.size()) out.body = text.substr(at + first_line(text.substr(at)).size());
  return out;
}

LineEnds line_ends_of(std::string_view text) {
  LineEnds out;
  while (!text.empty()) {
    const std::string_view line = first_line(text), bare = without_line_end(line);
    if (line.ends_with("\r\n")) ++out.crlf;
    else if (line.ends_with('\n')) ++out.lf;
    else if (bare.size() < line.size()) ++out.bare_cr;
    out.longest = std::max(out.longest, bare.size());
    out.bare_cr += static_cast<std::size_t>(std::count(bare.begin(), bare.end(), '\r'));
    out.nul = out.nul || std::memchr(bare.data(), 0, bare.size()) != nullptr;
    out.eight_bit = out.eight_bit || std::any_of(bare.begin(), bare.end(), [](char c) { return static_cast<unsigned char>(c) > 127; });
    text.remove_prefix(line.size());
  }
  return out;
}

}  // namespace mailmedic::message
