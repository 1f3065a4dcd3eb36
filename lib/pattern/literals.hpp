#pragma once
// Which of many plain strings occur in a text.
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mailmedic::pattern {

/// Strings of at least three bytes, found by the first three. Upper and lower case (also of Latin-1) are the same.
class Literals {
 public:
  static constexpr std::size_t least_length = 3;

  explicit Literals(const std::vector<std::string>& all);
  /// The numbers of those that occur, each once, ascending.
  std::vector<int> found_in(std::string_view text) const;

 private:
  std::vector<std::string> all_;
  std::unordered_map<std::uint32_t, std::vector<int>> by_start_;
  std::bitset<1 << 16> may_start_;  ///< by a hash of the start: most places of a text end here
};

}  // namespace mailmedic::pattern
