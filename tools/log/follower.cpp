#include "tools/log/follower.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/maillog/input.hpp"

namespace mailmedic::cli {

Follower::Follower(std::string name) : name_(std::move(name)) { open(); }

Follower::~Follower() {
  if (file_ >= 0) ::close(file_);
}

void Follower::open() {
  if (file_ >= 0) ::close(file_);
  file_ = ::open(name_.c_str(), O_RDONLY | O_CLOEXEC);
  error_ = file_ < 0 ? std::strerror(errno) : "";
  at_ = 0;
}

bool Follower::was_rotated() const {
  struct stat now{}, ours{};
  if (::stat(name_.c_str(), &now) != 0) return false;  // the new file is not there yet
  if (file_ < 0 || ::fstat(file_, &ours) != 0) return true;
  return now.st_ino != ours.st_ino || now.st_dev != ours.st_dev || now.st_size < at_;
}

std::string_view Follower::read_more() {
  constexpr std::size_t most = 4 * 1024 * 1024;
  waiting_.erase(0, given_);
  given_ = 0;
  const std::size_t before = waiting_.size();
  waiting_.resize(before + most);
  const ssize_t got = file_ < 0 ? 0 : ::pread(file_, waiting_.data() + before, most, at_);
  waiting_.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
  if (got > 0) at_ += got;
  else if (was_rotated()) {
    open();
    waiting_.clear();  // nobody writes the end of that line any more
  }
  const auto end = waiting_.rfind('\n');
  if (end == std::string::npos) {
    if (waiting_.size() > maillog::max_line_bytes) waiting_.clear();
    return {};
  }
  given_ = end + 1;
  return std::string_view(waiting_).substr(0, given_);
}

}  // namespace mailmedic::cli
