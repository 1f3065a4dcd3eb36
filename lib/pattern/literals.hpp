#pragma once
// Which of many plain strings occur in a text.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailmedic::pattern {

/// Strings of at least three bytes, each found by the three of its own that fewest others have. Upper and lower case (also of
/// Latin-1) are the same.
class Literals {
 public:
  static constexpr std::size_t least_length = 3;

  explicit Literals(const std::vector<std::string>& all);
  /// The numbers of those that occur, each once, ascending.
  std::vector<int> found_in(std::string_view text) const;

 private:
  struct Place {
    int number = 0;           ///< of a string
    std::uint32_t at = 0;     ///< where in it the three bytes are
    std::uint32_t three = 0;  ///< these
  };

  static constexpr std::uint32_t multiplier = 0x3779b100;  // what is above three bytes falls out
  std::uint32_t bit_of(std::uint32_t three) const { return three * multiplier >> shift_; }

  /// The first place from `at` on where one of the sets of three bytes may end; `three` are the last before it.
  std::size_t next_place(std::string_view text, std::size_t at, std::uint32_t& three) const;
  const std::vector<Place>& places_of(std::uint32_t bit) const;

  std::vector<std::string> all_;
  int shift_ = 0;                           ///< of the hash, to the number of a bit
  std::vector<std::uint64_t> bits_;         ///< by a hash of three bytes: most places of a text end here
  std::vector<std::uint32_t> before_;       ///< bits that are set in the words before
  std::vector<std::vector<Place>> places_;  ///< for each bit that is set
};

}  // namespace mailmedic::pattern
