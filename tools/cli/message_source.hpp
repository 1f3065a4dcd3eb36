#pragma once
// Messages for several threads.
#include <atomic>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "lib/message/mailbox.hpp"

namespace mailmedic::cli {

/// A message, and where it stands among all of the run, from 0.
struct NumberedMessage : message::FoundMessage {
  std::size_t number = 0;
};

/// The messages of files, mbox files, Maildirs, folders and standard input ("-"), one after the other. Files are read by
/// the thread that asks; of an mbox no more than a little is in memory. A larger message is named and not read.
/// What cannot be read comes in its turn, with why.
class MessageSource {
 public:
  explicit MessageSource(std::vector<std::string> paths, std::size_t most_bytes = 256 * 1024 * 1024);
  ~MessageSource();

  /// Nothing at the end. For any thread.
  std::optional<NumberedMessage> next();
  /// No message begins after this. For signal handlers too.
  void stop() { stopped_ = true; }

 private:
  class File;
  std::unique_ptr<File> open_next(NumberedMessage& out);

  const std::size_t most_bytes_;
  std::mutex mutex_;
  std::vector<std::string> paths_, files_;         // files_ are of the path before next_path_
  std::size_t next_path_ = 0, next_file_ = 0, number_ = 0;
  std::vector<message::MailboxProblem> problems_;  // of folders, not told yet
  std::ifstream mbox_;
  std::unique_ptr<message::MessageStream> stream_;
  std::atomic<bool> stopped_{false};
};

}  // namespace mailmedic::cli
