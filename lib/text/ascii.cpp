#include "lib/text/ascii.hpp"

#include <cstdint>
#include <cstring>

namespace mailmedic::text {

std::string lower(std::string_view text) {
  std::string out(text);
  char* at = out.data();
  std::size_t left = out.size();
  // Whole reports are lowered: eight bytes at a time. A byte's high bit tells of each whether it is a capital.
  for (std::uint64_t eight = 0; left >= sizeof eight; at += sizeof eight, left -= sizeof eight) {
    constexpr std::uint64_t each = 0x0101010101010101, high = each * 0x80;
    std::memcpy(&eight, at, sizeof eight);
    const std::uint64_t low = eight & ~high, from_a = low + each * (0x80 - 'A'), behind_z = low + each * (0x80 - 'Z' - 1);
    const std::uint64_t capital = from_a & ~behind_z & ~eight & high;
    eight |= capital >> 2;
    std::memcpy(at, &eight, sizeof eight);
  }
  for (; left > 0; ++at, --left) *at = lower(*at);
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto at = text.find(separator);
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

std::string_view take_word(std::string_view& text) {
  std::size_t begin = 0;
  while (begin < text.size() && is_space(text[begin])) ++begin;
  std::size_t end = begin;
  while (end < text.size() && !is_space(text[end])) ++end;
  const std::string_view out = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return out;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) out.push_back(word);
  return out;
}

std::string joined(const std::vector<std::string>& pieces, std::string_view separator) {
  std::string out;
  for (const auto& piece : pieces) {
    if (!out.empty()) out += separator;
    out += piece;
  }
  return out;
}

}  // namespace mailmedic::text
