#pragma once
// Puts signed messages where they belong.
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "lib/message/mailbox.hpp"
#include "tools/sign/run.hpp"

namespace mailmedic::cli {

/// For any thread. Errors are texts that name the file; empty: all is well.
class SignedWriter {
 public:
  explicit SignedWriter(const SignedOutput& output) : output_(output) {}
  ~SignedWriter();
  SignedWriter(const SignedWriter&) = delete;
  SignedWriter& operator=(const SignedWriter&) = delete;

  std::string open();
  /// `original` is the message without its text, `text` what is to be written. Each number comes once, from 0; where a
  /// message is not written, skip() has it. Waits while too many are held back for an earlier one.
  std::string put(const NumberedMessage& original, std::string text);
  std::string skip(std::size_t number) { return in_turn(number, {}); }
  std::string close();

 private:
  std::string in_turn(std::size_t number, std::string bytes);
  std::string write(std::string_view bytes);

  const SignedOutput output_;
  int descriptor_ = -1;
  std::mutex mutex_;
  std::condition_variable moved_;
  std::map<std::size_t, std::string> held_;
  std::size_t next_ = 0;
};

/// The message as mboxrd has it: its envelope line (one of MAILER-DAEMON, now, where it has none), ">" in front of each line
/// of its body that could be taken for one, an empty line behind it.
std::string as_mbox(std::string_view envelope, std::string_view text);

}  // namespace mailmedic::cli
