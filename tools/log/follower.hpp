#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>

namespace mailmedic::cli {

/// A file that grows, read as far as it goes; goes on with the new file when the old one was rotated away.
class Follower {
 public:
  explicit Follower(std::string name);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  /// Lines that came since, at most some megabytes; empty when there are none. Valid until the next call. A line whose
  /// end has not come yet is kept for later.
  std::string_view read_more();
  /// Why it cannot be opened, or empty.
  const std::string& error() const { return error_; }

 private:
  void open();
  bool was_rotated() const;

  std::string name_, error_;
  int file_ = -1;
  off_t at_ = 0;
  std::string waiting_;
  std::size_t given_ = 0;  ///< bytes at the start of `waiting_` that the caller has seen
};

}  // namespace mailmedic::cli
