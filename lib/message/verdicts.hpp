#pragma once
// What receivers and filters wrote into the header about the message: decoded, without opinion. Pure.
#include <boost/json/array.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/message/raw_message.hpp"

namespace mailmedic::message {

/// Who writes such a field.
enum class Judge {
  microsoft,     ///< X-Forefront-Antispam-Report, X-Microsoft-Antispam, X-MS-Exchange-Organization-SCL and -PCL
  spamassassin,  ///< X-Spam-Status, and those that imitate it
  rspamd,        ///< X-Spamd-Result
  gmail,         ///< X-Gm-Spam, X-Gm-Phishy, X-Gmail-Labels
  yahoo,         ///< X-YahooFilteredBulk; X-YMailISG is opaque
  qq,            ///< X-QQ-SPAM; X-QQ-XMRINFO and their like are opaque
  netease,       ///< X-NTES-SC and X-Coremail-Antispam, both opaque
};
std::string_view judge_text(Judge judge);  ///< "microsoft"

/// "SCL" = "5". Names in upper case, as written otherwise.
struct VerdictCode {
  std::string name, value;
};

/// A rule of an engine and what it costs, where it is told.
struct VerdictRule {
  std::string name;
  std::optional<double> points{};
};

struct Verdict {
  Judge judge = Judge::spamassassin;
  const RawField* field = nullptr;  ///< in the message
  std::size_t line = 0;             ///< fields above it: what stands above a Received field was written after it
  std::optional<bool> spam{};       ///< nothing: the field does not say
  std::optional<double> score{}, threshold{};
  bool opaque = false;              ///< a form that only the one who wrote it can read
  std::vector<VerdictCode> codes{};
  std::vector<VerdictRule> rules{};  ///< at most 200
};

/// Fields of a message that are read; more say nothing new.
inline constexpr std::size_t max_verdicts = 50;

/// From the top of the message. Senders can write such fields too: whose they are, the reader must judge by their place.
std::vector<Verdict> verdicts_of(const RawMessage& message);

/// [{judge, field, fields_above, spam, score, threshold, opaque, codes{}, rules[{name, points}], text}]; what is not told is
/// null.
boost::json::array to_json(std::span<const Verdict> verdicts);

}  // namespace mailmedic::message
