#include "lib/maillog/input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

namespace mailmedic::maillog {

namespace {
constexpr std::size_t packed_bytes = 256 * 1024;
}

Input::Input(std::string name) {
  account_.name = std::move(name);
  account_.newest = std::chrono::system_clock::now();
  if (account_.name == "-") {
    file_ = STDIN_FILENO;
  } else {
    file_ = ::open(account_.name.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status{};
    if (file_ < 0) {
      account_.trouble = std::strerror(errno);
    } else if (::fstat(file_, &status) == 0 && S_ISDIR(status.st_mode)) {
      account_.trouble = "this is a folder; name the files in it";
      at_end_ = true;
    } else if (S_ISREG(status.st_mode)) {
      account_.newest = std::chrono::system_clock::from_time_t(status.st_mtime);
    }
  }
  at_end_ = at_end_ || file_ < 0;
  packed_.resize(packed_bytes);
  fill();
  account_.format = unpack::format_of(waiting_);
  unpacker_ = unpack::unpacker_for(account_.format);
  if (account_.format == unpack::Format::plain && is_journal_export(waiting_)) journal_ = std::make_unique<JournalReader>();
}

Input::~Input() {
  if (file_ > STDIN_FILENO) ::close(file_);
}

/// More packed bytes; false at the end of the file.
bool Input::fill() {
  if (at_end_) return false;
  ssize_t got = 0;
  do got = ::read(file_, packed_.data(), packed_.size());
  while (got < 0 && errno == EINTR);
  if (got < 0) account_.trouble = std::strerror(errno);
  at_end_ = got <= 0;
  waiting_ = std::string_view(packed_.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  return got > 0;
}

std::size_t Input::read(char* out, std::size_t room) {
  const std::size_t got = journal_ ? read_journal(out, room) : read_unpacked(out, room);
  account_.bytes += got;
  return got;
}

std::size_t Input::read_unpacked(char* out, std::size_t room) {
  if (account_.format == unpack::Format::plain && waiting_.empty()) {  // straight from the file
    if (at_end_) return 0;
    ssize_t got = 0;
    do got = ::read(file_, out, room);
    while (got < 0 && errno == EINTR);
    if (got < 0) account_.trouble = std::strerror(errno);
    at_end_ = got <= 0;
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  if (!account_.trouble.empty()) return 0;
  while (true) {
    if (waiting_.empty()) fill();
    const unpack::Unpacker::Step step = unpacker_->unpack(waiting_, out, room);
    waiting_.remove_prefix(step.used);
    if (step.damaged) account_.trouble = std::string("damaged ") + std::string(unpack::format_text(account_.format)) + " data";
    if (step.made > 0 || step.damaged) return step.made;
    if (waiting_.empty() && at_end_) {
      if (!unpacker_->is_complete()) account_.trouble = std::string("cut off ") + std::string(unpack::format_text(account_.format)) + " data";
      return 0;
    }
    // Nothing taken, nothing made, and more to take: it would stand here for ever.
    if (step.used == 0 && !waiting_.empty()) {
      account_.trouble = "data that cannot be unpacked";
      return 0;
    }
  }
}

std::size_t Input::read_journal(char* out, std::size_t room) {
  while (lines_given_ == lines_.size()) {
    lines_.clear();
    lines_given_ = 0;
    char bytes[65536];
    const std::size_t got = read_unpacked(bytes, sizeof bytes);
    if (got == 0) {
      if (journal_) journal_->finish(lines_);
      if (lines_.empty()) return 0;
      break;
    }
    journal_->read(std::string_view(bytes, got), lines_);
  }
  const std::size_t size = std::min(room, lines_.size() - lines_given_);
  std::memcpy(out, lines_.data() + lines_given_, size);
  lines_given_ += size;
  return size;
}

namespace {

/// The time of the first dated line among the first 64 KiB, or nothing.
std::optional<Seconds> first_time_of(const std::string& name) {
  Input input(name);
  std::vector<char> head(64 * 1024);
  std::size_t size = 0;
  while (const std::size_t got = input.read(head.data() + size, head.size() - size)) size += got;
  LineReader reader(input.account().newest);
  std::string_view text(head.data(), size);
  while (!text.empty()) {
    const auto end = text.find('\n');
    Line line;
    if (reader.read(text.substr(0, end), line)) return line.time;
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return std::nullopt;
}

/// In the order of their first lines; standard input and what has no time keep their places at the end.
std::vector<std::string> in_order(std::vector<std::string> files) {
  if (files.size() < 2) return files;
  std::map<std::string, Seconds> begins;
  for (const std::string& file : files)
    begins[file] = file == "-" ? INT64_MAX : first_time_of(file).value_or(INT64_MAX);
  std::stable_sort(files.begin(), files.end(), [&](const auto& a, const auto& b) { return begins[a] < begins[b]; });
  return files;
}

}  // namespace

Blocks::Blocks(const std::vector<std::string>& files, std::size_t block_bytes) : block_bytes_(block_bytes) {
  for (std::string& file : in_order(files)) accounts_.push_back({.name = std::move(file)});
}

void Blocks::finish_file() {
  accounts_[file_++] = std::move(input_->account());
  input_.reset();
  skipping_ = false;
  carried_.clear();
}

/// Fills `room` behind what was carried over: as much as it takes, or to the file's end.
std::size_t Blocks::read_block(std::vector<char>& room, bool& at_end) {
  std::size_t size = carried_.size();
  std::copy(carried_.begin(), carried_.end(), room.begin());
  carried_.clear();
  while (size < block_bytes_) {
    const std::size_t got = input_->read(room.data() + size, block_bytes_ - size);
    if (got == 0) {
      at_end = true;
      break;
    }
    size += got;
  }
  return size;
}

bool Blocks::next(std::vector<char>& room, Block& out) {
  const std::lock_guard lock(one_at_a_time_);
  room.resize(block_bytes_);
  while (file_ < accounts_.size()) {
    if (!input_) {
      input_ = std::make_unique<Input>(accounts_[file_].name);
      accounts_[file_].newest = input_->account().newest;
    }
    bool at_end = false;
    const std::size_t size = read_block(room, at_end);
    std::string_view text(room.data(), size);
    if (skipping_) {
      const auto end = text.find('\n');
      skipping_ = end == text.npos;
      text.remove_prefix(skipping_ ? text.size() : end + 1);
    }
    const auto last = text.rfind('\n');
    if (!at_end && last == text.npos && text.size() == block_bytes_) {
      ++input_->account().long_lines;
      skipping_ = true;
      continue;
    }
    if (!at_end) {
      const std::string_view rest = last == text.npos ? text : text.substr(last + 1);
      carried_.assign(rest.begin(), rest.end());
      text.remove_suffix(rest.size());
    }
    out = {number_, file_, text};
    if (at_end) finish_file();
    if (text.empty()) continue;
    ++number_;
    return true;
  }
  return false;
}

}  // namespace mailmedic::maillog
