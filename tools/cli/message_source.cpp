#include "tools/cli/message_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <thread>

namespace mailmedic::cli {

/// A file that is open for reading, and how it begins.
class MessageSource::File {
 public:
  explicit File(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status {};
    is_pipe_ = is_open() && ::fstat(descriptor_, &status) == 0 && !S_ISREG(status.st_mode);
    size_ = static_cast<std::size_t>(status.st_size);
    if (is_open() && !is_pipe_) read_on();
  }
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return descriptor_ >= 0; }

  /// May it hold several messages? A pipe may; it cannot be looked at before.
  bool is_stream() const { return is_pipe_ || text_.starts_with("From "); }

  /// All of it into the message, or why not.
  void read(NumberedMessage& out, std::size_t most_bytes) {
    // What was as long as the file says needs no look at whether more comes; /proc says 0 of all.
    const bool whole = size_ > 0 && text_.size() == size_;
    while (!whole && text_.size() <= most_bytes && read_on()) {}
    if (!trouble_.empty()) out.why = std::move(trouble_);
    else if (text_.size() > most_bytes) out.why = fmt::format("larger than {} MiB, so it is no message", most_bytes / (1024 * 1024));
    else if (text_.empty()) out.why = "empty";
    else out.text = std::move(text_);
  }

 private:
  /// False at the end, or when it cannot be read.
  bool read_on() {
    char buffer[32768];
    ssize_t size = 0;
    do size = ::read(descriptor_, buffer, sizeof buffer);
    while (size < 0 && errno == EINTR);
    if (size < 0) trouble_ = std::strerror(errno);
    if (size > 0) text_.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
  }

  int descriptor_;
  bool is_pipe_ = false;
  std::size_t size_ = 0;  ///< when it was opened
  std::string text_, trouble_;
};

MessageSource::MessageSource(std::vector<std::string> paths, std::size_t most_bytes) : most_bytes_(most_bytes), paths_(std::move(paths)) {}
MessageSource::~MessageSource() = default;

/// The next file that is one message, or that cannot be opened; null where a stream that holds several is open now, and at the end.
std::unique_ptr<MessageSource::File> MessageSource::open_next(NumberedMessage& out) {
  while (next_file_ == files_.size()) {
    if (next_path_ == paths_.size()) return nullptr;
    files_ = message::message_files(paths_[next_path_++], problems_);
    next_file_ = 0;
  }
  out.name = files_[next_file_++];
  if (out.name == "-") {
    stream_ = std::make_unique<message::MessageStream>(std::cin, out.name, most_bytes_);
    return nullptr;
  }
  auto file = std::make_unique<File>(out.name);
  if (!file->is_open()) out.why = fmt::format("{}; name a file, or - for standard input", std::strerror(errno));
  if (!file->is_open() || !file->is_stream()) return file;
  mbox_ = std::ifstream(out.name, std::ios::binary);
  stream_ = std::make_unique<message::MessageStream>(mbox_, out.name, most_bytes_);
  return nullptr;
}

std::optional<NumberedMessage> MessageSource::next() {
  NumberedMessage out;
  std::unique_ptr<File> file;
  std::unique_lock lock(mutex_, std::try_to_lock);
  // Whoever holds it opens a file: to be put to sleep and woken takes longer than that.
  for (int i = 0; i < 50 && !lock.owns_lock() && !lock.try_lock(); ++i) std::this_thread::yield();
  if (!lock.owns_lock()) lock.lock();
  for (;;) {
    if (stopped_) return std::nullopt;
    if (!problems_.empty()) {
      out.name = problems_.back().name;
      out.why = problems_.back().why;
      problems_.pop_back();
      out.number = number_++;
      return out;
    }
    if (stream_) {
      auto found = stream_->next();
      if (stopped_) return std::nullopt;
      if (found) {
        static_cast<message::FoundMessage&>(out) = std::move(*found);
        out.number = number_++;
        return out;
      }
      stream_.reset();
    }
    file = open_next(out);
    if (file) break;
    if (!stream_ && problems_.empty()) return std::nullopt;
  }
  out.number = number_++;
  lock.unlock();
  if (file->is_open()) file->read(out, most_bytes_);
  return out;
}

}  // namespace mailmedic::cli
