#pragma once
#include <array>
#include <string_view>

namespace mailmedic::text {

/// A set of bytes that is asked of each byte of a text. (std::string_view::find_first_of() searches its set for every one.)
class ByteSet {
 public:
  constexpr explicit ByteSet(std::string_view members) {
    for (const char c : members) add(c);
  }
  constexpr void add(char c) { has_[static_cast<unsigned char>(c)] = true; }
  constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }

  /// Where the first of them stands; the length of the text where none does.
  constexpr std::size_t first_in(std::string_view text) const {
    std::size_t at = 0;
    while (at < text.size() && !has(text[at])) ++at;
    return at;
  }

 private:
  std::array<bool, 256> has_{};
};

}  // namespace mailmedic::text
