#pragma once
// Many patterns against one text, in one pass. Linear time, whatever the text.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mailmedic::pattern {

/// A set of regular expressions (RE2's syntax), unanchored, without regard to case. A dot is a byte.
///
/// A pass looks for the strings that the patterns cannot do without (needed.hpp), and tries only the patterns whose strings
/// are there; most patterns are a few strings and no more. An automaton is built when its pattern is first tried. (One
/// automaton of all, RE2::Set, has a state of its own for nearly each byte of each new text when there are hundreds of
/// unanchored patterns: many times slower. RE2's prefilter builds them all at the start.)
class Set {
 public:
  Set();
  Set(Set&&) noexcept;
  Set& operator=(Set&&) noexcept;
  ~Set();

  /// A pattern that cannot be read, and why, in the engine's words; empty: all can.
  struct Wrong {
    int number = 0;
    std::string why{};
  };

  /// Patterns are numbered from 0 in the order in which they come.
  void add(std::string_view pattern);
  /// After the last add() and before the first match(). The first of those that cannot be read.
  Wrong compile();
  std::size_t size() const;

  /// The numbers of the patterns that occur in `text`, ascending. Texts are cut off at max_text bytes. Safe from
  /// several threads, as are the next two.
  std::vector<int> match(std::string_view text) const;

  /// The same in two steps, for those who need not know of each: patterns whose strings are there, ascending, and whether
  /// one of them occurs.
  std::vector<int> candidates(std::string_view text) const;
  bool occurs(int number, std::string_view text) const;
  static constexpr std::size_t max_text = 8192;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mailmedic::pattern
