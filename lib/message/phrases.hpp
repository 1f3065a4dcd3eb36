#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "lib/pattern/literals.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::message {

/// A table of phrases, of which a text has few: which ones is found in one pass.
class Phrases {
 public:
  /// In lower case, each of at least three bytes.
  explicit Phrases(std::vector<std::string> all) : all_(std::move(all)), literals_(all_) {}

  /// The numbers of those that a text in lower case has, ascending.
  std::vector<int> in(std::string_view lower) const {
    std::vector<int> out = literals_.found_in(lower);
    // Literals takes letters of Latin-1 for each other, which may be bytes of UTF-8 here.
    std::erase_if(out, [&](int number) {
      const std::string& phrase = all_[static_cast<std::size_t>(number)];
      return text::ascii_length(phrase) < phrase.size() && lower.find(phrase) == lower.npos;
    });
    return out;
  }

 private:
  std::vector<std::string> all_;
  pattern::Literals literals_;
};

}  // namespace mailmedic::message
