#pragma once
// What checks put into sentences in English ("no DMARC", "{domain} does not exist"), in Chinese.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmedic::reports {

/// The phrases of one subject: the table [phrases] of its findings.toml. A phrase may have {names}; what stands in
/// their place is looked up in turn. Where no phrase fits, it stays as it is: one word for most names, a name of a host for
/// {domain}, {host}, {server} and {zone}, anything for {why}, {reply}, {where} and the like, and nothing for {what}.
class PhraseBook {
 public:
  void add(std::string_view english, std::string_view chinese);

  /// The Chinese for a whole `english` text of at most 2,000 bytes; nothing where no phrase fits. `more` is asked where
  /// this book has none.
  std::optional<std::string> chinese(std::string_view english, const PhraseBook* more = nullptr) const { return chinese(english, more, 0); }

 private:
  struct Pattern {
    std::vector<std::string> literals;  ///< around the names: one more than these, the first and last may be empty
    std::vector<std::string> names;
    std::string chinese;
    std::size_t told;                   ///< bytes of the literals: who tells more is tried first
  };
  std::optional<std::string> chinese(std::string_view english, const PhraseBook* more, int depth) const;
  static std::optional<std::vector<std::string_view>> matched(const Pattern& pattern, std::string_view text);

  std::map<std::string, std::string, std::less<>> whole_;
  std::vector<Pattern> patterns_;
};

}  // namespace mailmedic::reports
