#include "tools/cli/message_source.hpp"

#include <filesystem>
#include <iostream>

#include "tools/cli/message_input.hpp"

namespace mailmedic::cli {

namespace {

constexpr std::size_t most_bytes = 256 * 1024 * 1024;

/// May it hold several messages? A pipe may; it cannot be looked at before.
bool is_stream(const std::string& file) {
  std::error_code ignored;
  const auto status = std::filesystem::status(file, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) return true;
  constexpr std::string_view words = "From ";
  char begin[words.size()] = {};
  std::ifstream opened(file, std::ios::binary);
  opened.read(begin, sizeof begin);
  return std::string_view(begin, sizeof begin) == words;
}

}  // namespace

/// The next file that is one message; or a stream that holds several is open now, and false. False at the end too.
bool MessageSource::open_next(std::string& file) {
  while (next_file_ == files_.size()) {
    if (next_path_ == paths_.size()) return false;
    files_ = message::message_files(paths_[next_path_++], problems_);
    next_file_ = 0;
  }
  file = files_[next_file_++];
  if (file == "-") {
    stream_ = std::make_unique<message::MessageStream>(std::cin, file, most_bytes);
  } else if (is_stream(file)) {
    mbox_ = std::ifstream(file, std::ios::binary);
    stream_ = std::make_unique<message::MessageStream>(mbox_, file, most_bytes);
  }
  return !stream_;
}

std::optional<NumberedMessage> MessageSource::next() {
  NumberedMessage out;
  std::unique_lock lock(mutex_);
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
    if (open_next(out.name)) break;
    if (!stream_ && problems_.empty()) return std::nullopt;
  }
  out.number = number_++;
  lock.unlock();
  auto text = read_message(out.name);
  if (text && text->empty()) out.why = "empty";
  else if (text) out.text = std::move(*text);
  else out.why = text.error().why.substr(out.name.size() + 2);  // it begins with the name
  return out;
}

}  // namespace mailmedic::cli
