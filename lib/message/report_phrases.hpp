#pragma once
// The phrases by which reports are understood. Internal to lib/message.
#include <string_view>
#include <vector>

namespace mailmedic::message {

enum class PhraseTable {
  software,          ///< sentences by which the software can be known
  delays,            ///< what a warning says that a failure does not
  recipient_labels,  ///< behind these, in the same line or in one of the next, stand recipients
  weak_labels,       ///< less certain: looked for where none of the others is
  reason_labels,     ///< behind these stands why
  failures,          ///< what a failure says in its own words
  challenges,        ///< what one who must be asked first writes
  transcripts,       ///< a session with the other server follows
  sendmail_lists,    ///< addresses follow
  exim, exchange,    ///< what their reports begin with
  amazon,            ///< keys of its notifications
};

/// Which phrases a text has, of all tables, found in one pass.
class SaidPhrases {
 public:
  /// `lower`: in lower case.
  explicit SaidPhrases(std::string_view lower);
  /// In the order of the table.
  std::vector<std::string_view> of(PhraseTable table) const;

 private:
  std::vector<int> found_;
};

/// What says a phrase of PhraseTable::software: "postfix".
std::string_view software_of(std::string_view phrase);

}  // namespace mailmedic::message
