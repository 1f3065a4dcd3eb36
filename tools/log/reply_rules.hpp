#pragma once
#include <memory>
#include <string>
#include <vector>

#include "checks/log/gather.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::bounce {
class Classifier;
}

namespace mailmedic::cli {

/// The rules for replies of `mailmedic bounce`, read when they are first needed: they know more wordings than the few words
/// that a log is counted by.
class ReplyRules {
 public:
  /// Folders, the user's own last.
  explicit ReplyRules(std::vector<std::string> folders);
  ~ReplyRules();

  /// Puts each group of deferrals and bounces into the class of the rule that its text fits, where there is one. An error
  /// text that names file and line of a wrong rule, or empty.
  std::string look_closer(log::Tally& tally);
  /// Null before look_closer had to read the rules.
  const bounce::Classifier* classifier() const { return classifier_.get(); }

 private:
  std::vector<std::string> folders_;
  std::unique_ptr<bounce::Classifier> classifier_;
};

}  // namespace mailmedic::cli
