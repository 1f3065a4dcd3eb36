#pragma once
// Which rule a reply fits. Precedence where several do: a known provider's text, its codes, texts that are only one
// provider's, what any server says, the registry's enhanced code, the reply code, and last words that say little.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "checks/bounce/rule_file.hpp"
#include "lib/message/delivery_report.hpp"
#include "lib/pattern/set.hpp"

namespace mailmedic::bounce {

enum class Ground { provider_text, provider_code, other_text, text, status, reply, vague_text, none };
std::string_view ground_word(Ground ground);  ///< "provider-text" ... "unmatched"

struct Verdict {
  const Rule* rule = nullptr;          ///< null: no rule fits
  const Provider* provider = nullptr;  ///< who answered, as far as it shows
  Ground ground = Ground::none;
  std::vector<std::string> tickets{};  ///< by what the receiver finds this very refusal again ("1dXy7k-0003Qp"): each once, at most 5
};

/// Not a verdict: which rule's sample a text is most like, in words that both have.
struct Nearest {
  const Rule* rule = nullptr;  ///< null: nothing is alike
  double alike = 0;            ///< 0 to 1
};

/// Built once a run; safe to use from several threads.
class Classifier {
 public:
  /// The error begins with the file and line of the pattern that cannot be read.
  static text::Parsed<Classifier> make(RuleSet rules);

  Verdict classify(const message::RecipientReport& report) const;
  /// For texts that no rule fits.
  Nearest nearest(std::string_view text) const;
  const RuleSet& rules() const { return *rules_; }

 private:
  struct Index;
  Classifier() = default;

  std::shared_ptr<const RuleSet> rules_;
  std::shared_ptr<Index> index_;
};

}  // namespace mailmedic::bounce
