#include "lib/message/mailbox.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <istream>
#include <memory>
#include <system_error>

#include "lib/text/ascii.hpp"

namespace mailmedic::message {

namespace {

namespace files = std::filesystem;

constexpr std::size_t block_bytes = 64 * 1024;

/// Takes a stream apart into messages, in whatever pieces it comes.
class Splitter {
 public:
  Splitter(std::string name, std::size_t most_bytes) : name_(std::move(name)), most_bytes_(most_bytes) {}

  void feed(std::string_view bytes) {
    while (!bytes.empty()) {
      if (!first_line_ && !mbox_ && line_.empty()) return keep(bytes);  // one message: its lines do not matter
      const auto end = bytes.find('\n');
      line_.append(bytes.substr(0, end == bytes.npos ? bytes.npos : end + 1));
      bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
      // A line without end is passed on in pieces: nothing that counts is as long
      if (end != bytes.npos || line_.size() > block_bytes) {
        take_line(end != bytes.npos);
        line_.clear();
      }
    }
  }

  void finish() {
    if (!line_.empty()) take_line(true);
    line_.clear();
    end_message();
  }

  /// What is complete.
  std::deque<FoundMessage> found;

 private:
  void take_line(bool whole) {
    std::string_view line = line_;
    const bool begins = at_line_start_;
    at_line_start_ = whole;
    if (begins) {
      if (first_line_) mbox_ = is_envelope_line(line);
      if (mbox_ && (first_line_ || behind_empty_) && is_envelope_line(line)) {
        if (!first_line_) end_message();
        envelope_ = line;
        first_line_ = behind_empty_ = false;
        return;
      }
      if (mbox_ && is_quoted_envelope(line)) line.remove_prefix(1);
      behind_empty_ = line == "\n" || line == "\r\n";
      first_line_ = false;
    }
    keep(line);
  }

  void keep(std::string_view bytes) {
    size_ += bytes.size();
    if (size_ <= most_bytes_)
      message_.append(bytes);
    else
      message_ = {};
  }

  static bool is_quoted_envelope(std::string_view line) {
    const auto from = line.find_first_not_of('>');
    return from != line.npos && from > 0 && line.substr(from).starts_with("From ");
  }

  void end_message() {
    ++count_;
    FoundMessage message{mbox_ ? name_ + ":" + std::to_string(count_) : name_, {}, std::move(envelope_), {}};
    envelope_.clear();
    if (size_ > most_bytes_)
      message.why = "larger than " + std::to_string(most_bytes_ / (1024 * 1024)) + " MiB: skipped";
    else if (size_ > 0)
      message.text = std::move(message_);
    else if (!mbox_)
      message.why = "empty";
    if (size_ > 0 || !mbox_) found.push_back(std::move(message));
    message_.clear();
    size_ = 0;
  }

  const std::string name_;
  const std::size_t most_bytes_;
  std::string line_, message_, envelope_;
  std::size_t size_ = 0, count_ = 0;
  bool mbox_ = false, first_line_ = true, behind_empty_ = false, at_line_start_ = true;
};

void append(std::vector<MailboxProblem>& all, std::vector<MailboxProblem> some) {
  all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
}

/// What stands in a folder under one name.
struct Entry {
  Entry(std::string given, bool folder, bool file) : name(std::move(given)), is_folder(folder), is_file(file) {}
  std::string name;
  bool is_folder = false, is_file = false;  ///< a link to a folder is neither
};

/// What its name does not tell; of a link, what it leads to.
void look_at(int folder, Entry& entry) {
  struct stat status {};
  const bool link = ::fstatat(folder, entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
  if (::fstatat(folder, entry.name.c_str(), &status, 0) != 0) return;
  entry.is_file = S_ISREG(status.st_mode);
  entry.is_folder = S_ISDIR(status.st_mode) && !link;
}

/// In order of the names. (A std::filesystem::path of each takes longer than to read the folder.)
std::vector<Entry> entries_of(const std::string& folder, std::vector<MailboxProblem>& problems) {
  std::vector<Entry> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  errno = open ? 0 : errno;
  while (const dirent* found = open ? ::readdir(open.get()) : nullptr) {
    const std::string_view name = found->d_name;
    if (name == "." || name == "..") continue;
    Entry& entry = out.emplace_back(std::string(name), found->d_type == DT_DIR, found->d_type == DT_REG);
    if (found->d_type == DT_UNKNOWN || found->d_type == DT_LNK) look_at(::dirfd(open.get()), entry);
    errno = 0;
  }
  if (errno != 0) problems.push_back({folder, std::strerror(errno)});
  std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return out;
}

bool is_folder(const files::path& path) {
  std::error_code error;
  return files::is_directory(path, error);
}

void read_file(const files::path& file, const TakeMessage& take, std::vector<MailboxProblem>& problems) {
  std::ifstream input(file, std::ios::binary);
  if (!input) {
    problems.push_back({file.string(), std::strerror(errno)});
    return;
  }
  append(problems, read_stream(input, file.string(), take));
}

void list_folder(const std::string& folder, std::vector<std::string>& out, std::vector<MailboxProblem>& problems) {
  const std::string front = folder.ends_with('/') ? folder : folder + "/";
  const bool maildir = is_folder(front + "cur") && is_folder(front + "new");
  for (const auto& [name, is_folder, is_file] : entries_of(folder, problems)) {
    const bool hidden = name.starts_with('.');
    if (is_folder) {
      // Of a Maildir: its messages, and its folders ".Name"; "tmp" holds what is not written yet
      if (maildir ? name == "cur" || name == "new" || hidden : !hidden && name != "tmp") list_folder(front + name, out, problems);
    } else if (is_file && !hidden && !maildir) {
      out.push_back(front + name);
    }
  }
}

}  // namespace

bool is_envelope_line(std::string_view line) {
  if (!line.starts_with("From ")) return false;
  const auto words = text::words(line.substr(0, 1000));
  const auto is_time = [](std::string_view word) {
    return word.size() >= 5 && text::is_digit(word[0]) && word.find(':') != word.npos &&
           word.find_first_not_of("0123456789:") == word.npos;
  };
  return words.size() >= 4 && std::any_of(words.begin() + 2, words.end(), is_time);
}

struct MessageStream::Parts {
  std::istream& input;
  std::string name;
  Splitter splitter;
  std::unique_ptr<char[]> block{new char[block_bytes]};  // as it is: to fill it with zeros takes longer than to read a bounce
  bool ended = false;
};

MessageStream::MessageStream(std::istream& input, std::string name, std::size_t most_bytes)
    : parts_(new Parts{.input = input, .name = name, .splitter = Splitter(name, most_bytes)}) {}
MessageStream::~MessageStream() = default;

std::optional<FoundMessage> MessageStream::next() {
  Parts& parts = *parts_;
  std::deque<FoundMessage>& found = parts.splitter.found;
  while (found.empty() && !parts.ended) {
    parts.input.read(parts.block.get(), block_bytes);
    parts.splitter.feed(std::string_view(parts.block.get(), static_cast<std::size_t>(parts.input.gcount())));
    if (parts.input) continue;
    parts.ended = true;
    parts.splitter.finish();
    if (parts.input.bad()) found.push_back({parts.name, {}, {}, std::strerror(errno)});
  }
  if (found.empty()) return std::nullopt;
  FoundMessage out = std::move(found.front());
  found.pop_front();
  return out;
}

std::vector<MailboxProblem> read_stream(std::istream& input, const std::string& name, const TakeMessage& take,
                                        std::size_t most_bytes) {
  std::vector<MailboxProblem> problems;
  MessageStream stream(input, name, most_bytes);
  while (const auto message = stream.next()) {
    if (message->why.empty())
      take(message->name, message->text);
    else
      problems.push_back({message->name, message->why});
  }
  return problems;
}

std::vector<std::string> message_files(const std::string& path, std::vector<MailboxProblem>& problems) {
  std::vector<std::string> out;
  if (is_folder(path))
    list_folder(path, out, problems);
  else
    out.push_back(path);
  return out;
}

std::vector<MailboxProblem> read_mailbox(const std::string& path, const TakeMessage& take) {
  if (path == "-") return read_stream(std::cin, "-", take);
  std::vector<MailboxProblem> problems;
  for (const std::string& file : message_files(path, problems)) read_file(file, take, problems);
  return problems;
}

}  // namespace mailmedic::message
