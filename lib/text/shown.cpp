#include "lib/text/shown.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>

namespace mailmedic::text {

Utf8 utf8_at(std::string_view text) {
  if (text.empty()) return {};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, lead};
  const int length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || lead > 0xf4 || text.size() < static_cast<std::size_t>(length)) return {};
  char32_t point = lead & (0x7f >> length);
  for (int i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    point = point << 6 | (byte(i) & 0x3f);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < smallest[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return {};
  return {length, point};
}

std::size_t ascii_length(std::string_view text) {
  // Most text is ASCII: eight bytes at a time, as long as there are so many.
  std::uint64_t eight = 0;
  std::size_t at = 0;
  for (; at + sizeof eight <= text.size(); at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if (eight & 0x8080808080808080) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

bool is_utf8(std::string_view text) {
  for (;;) {
    text.remove_prefix(ascii_length(text));
    if (text.empty()) return true;
    const Utf8 next = utf8_at(text);
    if (next.length == 0) return false;
    text.remove_prefix(next.length);
  }
}

namespace {
/// Characters that change how their neighbours look, or that cannot be seen at all.
bool deceives(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
         (c >= 0xe0000 && c <= 0xe007f);
}
}  // namespace

std::string shown(std::string_view text, std::size_t limit) {
  const std::size_t whole = text.size();
  const bool cut = whole > limit;
  if (cut) {
    text = text.substr(0, limit);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.remove_suffix(1);
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0) text.remove_suffix(1);
  }
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8 next = utf8_at(text);
    if (next.length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
      text.remove_prefix(1);
      continue;
    }
    if (!deceives(next.code_point))
      out += text.substr(0, next.length);
    else if (next.code_point < 0x80)
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(next.code_point));
    else
      out += fmt::format("\\u{{{:04x}}}", static_cast<unsigned>(next.code_point));
    text.remove_prefix(next.length);
  }
  if (cut) out += fmt::format("... ({} bytes)", whole);
  return out;
}

int display_width(std::string_view text) {
  int columns = 0;
  while (!text.empty()) {
    const Utf8 next = utf8_at(text);
    const char32_t c = next.code_point;
    const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
                      (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                      (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
    columns += wide ? 2 : 1;
    text.remove_prefix(next.length == 0 ? 1 : next.length);
  }
  return columns;
}

}  // namespace mailmedic::text
