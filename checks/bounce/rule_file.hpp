#pragma once
// The rules by which replies are understood: data files, one a provider or a family of mail servers.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "checks/bounce/reason.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::bounce {

/// A receiver whose replies have a meaning of their own.
struct Provider {
  std::string id, name, name_zh;
  std::vector<std::string> hosts;    ///< its mail servers: "*.google.com" or a whole name
  std::vector<std::string> domains;  ///< addresses that it hosts under its own names: "gmail.com"
  std::vector<std::string> marks;    ///< patterns that its replies alone have
  std::vector<std::string> forms;    ///< pages where senders who are refused can write to it
};

/// One kind of reply. It fits when one of `match` occurs in the text (where there are any), and one of `status` and one
/// of `reply` is the code (where there are any).
struct Rule {
  std::string id;                   ///< "gmail.no-ptr"
  int provider = -1;                ///< of RuleSet::providers; -1: what any server may say
  std::vector<std::string> match;   ///< RE2 patterns, without regard to case
  std::vector<std::string> status;  ///< "5.7.26", or "x.7.26" for both classes
  std::vector<std::string> reply;   ///< "550", "5xx"
  const Reason* reason = nullptr;
  Retry retry = Retry::later;       ///< the reason's, unless the rule knows better
  bool only_here = false;           ///< of a provider: others say the same and mean something else
  bool vague = false;               ///< words that say less than a code does
  std::string advice, advice_zh;    ///< what helps with this provider, beyond the reason's own remedy
  std::vector<std::string> samples; ///< replies that it fits, as they were sent
  std::string source, read;         ///< where that stands, and the day when it was read
  std::string file;                 ///< file and line

  bool by_code_only() const { return match.empty(); }
};

/// How a receiver numbers its refusals.
struct Ticket {
  std::string match;  ///< RE2 pattern, without regard to case; its group holds the number
  std::vector<std::pair<std::string, std::string>> samples;  ///< a reply, and the number in it
  std::string source, read, file;                            ///< as of a rule
};

struct RuleSet {
  std::vector<Provider> providers;
  std::vector<Rule> rules;  ///< the first that fits wins among equals
  std::vector<Ticket> tickets;

  const Rule* find(std::string_view id) const;
};

/// All *.toml of the folders, each folder's by name. A rule of a later folder stands before those of the earlier ones,
/// and instead of one that has its id: the user's folder comes last. Folders must exist. The error begins with file
/// and line, "gmail.toml:12: ...".
text::Parsed<RuleSet> read_rules(const std::vector<std::string>& folders);

}  // namespace mailmedic::bounce
