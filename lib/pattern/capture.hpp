#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::pattern {

/// A regular expression (RE2's syntax) with one group, of which the text is wanted. Without regard to case; linear time.
class Capture {
 public:
  /// An error in the engine's words, or when there is not exactly one group.
  static text::Parsed<Capture> make(std::string_view pattern);

  /// What the group holds, for each place where the pattern fits, from the left: at most `most`. Safe from several threads.
  std::vector<std::string> all_in(std::string_view text, std::size_t most) const;

 private:
  struct Engine;
  explicit Capture(std::shared_ptr<const Engine> engine) : engine_(std::move(engine)) {}
  std::shared_ptr<const Engine> engine_;
};

}  // namespace mailmedic::pattern
