#pragma once
// What a spam engine says of a message. Pure.
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::spam {

/// One rule that fired.
struct Rule {
  std::string name;         ///< "MISSING_DATE"
  double points = 0;        ///< below 0: in favour of the message
  std::string description;  ///< the engine's own words; may be empty
};

struct Verdict {
  double score = 0, threshold = 0;
  bool is_spam = false;     ///< the score reaches the threshold, by the engine's own word
  std::string action;       ///< rspamd: "no action", "greylist", "add header", "reject"; SpamAssassin has none
  std::vector<Rule> rules;  ///< the most points first; at most 500
};

/// The whole answer of spamd to REPORT. SPAMC/SPAMD protocol 1.5.
text::Parsed<Verdict> read_spamd(std::string_view answer);

/// The whole HTTP answer of rspamd to POST /checkv2.
text::Parsed<Verdict> read_rspamd(std::string_view answer);

}  // namespace mailmedic::spam
