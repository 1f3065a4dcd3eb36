#pragma once
// What can be told of a regular expression without building its automaton, which takes long.
#include <string>
#include <string_view>
#include <vector>

namespace mailmedic::pattern {

struct Needed {
  /// The engine takes this pattern, certainly. False for what this reader does not know, right or wrong.
  bool readable = false;
  /// One of them is in each text that the pattern fits, upper and lower case aside; empty: none can be told.
  std::vector<std::string> strings{};
  /// And a text that has one of them fits.
  bool enough = false;
};

/// Of RE2's syntax it knows literals, `.`, `^`, `$`, classes of single bytes and ranges, \b \d \s \w and their negations, \x27,
/// groups, alternatives and repetitions. Strings shorter than `least` bytes are none.
Needed needed_by(std::string_view pattern, std::size_t least);

}  // namespace mailmedic::pattern
