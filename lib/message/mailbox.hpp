#pragma once
// Messages out of files as administrators have them: one message, an mbox file, a Maildir, a folder, standard input.
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/message/delivery_report.hpp"

namespace mailmedic::message {

/// What could not be read, and why. `name` is a file, with ":N" for the Nth message of an mbox file.
struct MailboxProblem {
  std::string name, why;
};

/// `message` is valid during the call alone.
using TakeMessage = std::function<void(const std::string& name, std::string_view message)>;

/// Hands over each message of `path`, one at a time: "-" is standard input; a folder that holds "cur" and "new" is a
/// Maildir (maildir(5)), any other folder is read with all below it, names in order, hidden files left out, links to
/// folders not followed. Keeps little more than one message in memory: those over max_report_bytes are skipped and named.
std::vector<MailboxProblem> read_mailbox(const std::string& path, const TakeMessage& take);

/// The same of a stream. It is an mbox if it begins with an envelope line "From joe@example.org Thu Jan  1 ...": such a
/// line behind an empty one begins the next message, and one ">" in front of ">*From " is taken away (mboxrd).
std::vector<MailboxProblem> read_stream(std::istream& input, const std::string& name, const TakeMessage& take,
                                        std::size_t most_bytes = max_report_bytes);

/// One message of a stream, or why it is none.
struct FoundMessage {
  std::string name;
  std::string text;      ///< empty with `why`
  std::string envelope;  ///< the line "From ..." in front of it, with its end; empty where the stream is no mbox
  std::string why;       ///< empty: all is well
};

/// What read_stream reads, for those who ask for the next one. `input` must outlive it. For one thread.
class MessageStream {
 public:
  MessageStream(std::istream& input, std::string name, std::size_t most_bytes = max_report_bytes);
  ~MessageStream();
  /// Nothing at the end.
  std::optional<FoundMessage> next();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The files that read_mailbox would read, in its order: `path` itself, unless it is a folder.
std::vector<std::string> message_files(const std::string& path, std::vector<MailboxProblem>& problems);

/// "From joe@example.org Thu Jan  1 00:00:00 2026": it has an address or a word, and a time of the day.
bool is_envelope_line(std::string_view line);

}  // namespace mailmedic::message
