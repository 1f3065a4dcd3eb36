#pragma once
// What the readers of delivery reports see of a message. Internal to lib/message.
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/message/delivery_report.hpp"
#include "lib/message/mime.hpp"
#include "lib/message/report_phrases.hpp"

namespace mailmedic::message {

using Lines = std::vector<std::string_view>;

/// Views into the message and into its own memory: neither copied nor moved.
class ReportSource {
 public:
  explicit ReportSource(std::string_view message);
  ReportSource(const ReportSource&) = delete;
  ReportSource& operator=(const ReportSource&) = delete;

  Header header;
  std::string from, subject;             ///< decoded
  Lines lines;                           ///< what people read in it, UTF-8, without line ends, up to the returned message
  std::string_view text;                 ///< the first text, UTF-8, whole lines
  Lines all_lines;                       ///< the same and what follows in that text
  Lines status_fields, feedback_fields;  ///< of message/delivery-status and message/feedback-report
  std::string lower;                     ///< `lines` in lower case, joined by '\n'
  std::string_view returned;             ///< the returned message, bytes
  std::vector<std::string_view> inner;   ///< every message/rfc822 in it
  std::vector<std::string> failed;       ///< X-Failed-Recipients
  bool pasted = false;                   ///< there is no header: a piece of text
  bool daemon_sender = false;            ///< certainly: a mailer-daemon, a postmaster on delivery, X-Failed-Recipients
  bool named_daemon = false;             ///< sent by a mail system, as its sender or its subject say
  bool from_daemon = false;              ///< the same, or with the null return path, as automatic answers have it too
  bool receipt = false;                  ///< has a message/disposition-notification. RFC 8098

  /// From a line of `all_lines` to the end of the text that it is in.
  std::string_view text_from(std::string_view line) const;

  /// What `lower` says of the known phrases; looked for when it is first asked.
  const SaidPhrases& phrases() const {
    if (!phrases_) phrases_.emplace(lower);
    return *phrases_;
  }

  /// Is any phrase of the table in it?
  bool says(PhraseTable table) const { return !phrases().of(table).empty(); }

 private:
  void take_parts(const std::vector<Part>& parts);
  void add_text(std::string_view bytes, std::string_view charset, bool html);
  void unquote();
  void cut_returned();
  void judge_sender();
  std::string_view utf8(std::string_view bytes, std::string_view charset);
  std::string_view kept(std::string text);

  mutable std::optional<SaidPhrases> phrases_;
  std::deque<std::string> memory_;
  std::vector<std::string_view> texts_;
};

/// The lines of `text`, at most `most`, each of at most 4000 bytes.
Lines lines_of(std::string_view text, std::size_t most = 5000);

/// The lines [begin, end) with a space between them.
std::string joined(const Lines& lines, std::size_t begin, std::size_t end);

/// Spaces and tabs in front of the text of a line.
std::size_t indent_of(std::string_view line);

}  // namespace mailmedic::message
