#include "lib/maillog/journal.hpp"

#include <cstdlib>

#include "lib/maillog/input.hpp"
#include "lib/text/iso_time.hpp"

namespace mailmedic::maillog {

bool is_journal_export(std::string_view beginning) {
  return beginning.starts_with("__CURSOR=") || beginning.starts_with("__REALTIME_TIMESTAMP=");
}

void JournalReader::read(std::string_view bytes, std::string& lines) {
  const std::size_t skipped = static_cast<std::size_t>(std::min<std::uint64_t>(to_skip_, bytes.size()));
  to_skip_ -= skipped;
  waiting_ += bytes.substr(skipped);
  std::size_t at = 0;
  while (take_field(at, lines)) {}
  waiting_.erase(0, at);
  // A line without end: no journal writes that.
  if (waiting_.size() > 16 * max_line_bytes) waiting_.clear();
}

bool JournalReader::take_field(std::size_t& at, std::string& lines) {
  const std::string_view rest = std::string_view(waiting_).substr(at);
  const auto end = rest.find('\n');
  if (end == rest.npos) return false;
  const std::string_view line = rest.substr(0, end);
  if (line.empty()) {
    end_entry(lines);
    at += 1;
    return true;
  }
  const auto equals = line.find('=');
  if (equals != line.npos) {
    keep(line.substr(0, equals), line.substr(equals + 1));
    at += end + 1;
    return true;
  }
  // A binary field: its name, a line end, 8 bytes of size (little endian), the bytes, a line end.
  if (rest.size() < end + 9) return false;
  std::uint64_t size = 0;
  for (std::size_t i = 8; i-- > 0;) size = size << 8 | static_cast<unsigned char>(rest[end + 1 + i]);
  const std::size_t begin = end + 9;
  if (size > max_line_bytes) {
    const std::uint64_t here = std::min<std::uint64_t>(size < UINT64_MAX ? size + 1 : size, rest.size() - begin);
    to_skip_ = size - here + (size < UINT64_MAX ? 1 : 0);
    at += begin + static_cast<std::size_t>(here);
    return true;
  }
  if (rest.size() < begin + size + 1) return false;
  keep(line, rest.substr(begin, static_cast<std::size_t>(size)));
  at += begin + static_cast<std::size_t>(size) + 1;
  return true;
}

void JournalReader::keep(std::string_view name, std::string_view value) {
  if (name == "MESSAGE") message_ = value;
  else if (name == "SYSLOG_IDENTIFIER") identifier_ = value;
  else if (name == "_PID" || name == "SYSLOG_PID") process_ = value;
  else if (name == "__REALTIME_TIMESTAMP") microseconds_ = std::strtoll(std::string(value).c_str(), nullptr, 10);
}

void JournalReader::end_entry(std::string& lines) {
  // Anything up to the year 9999.
  const bool dated = microseconds_ > 0 && microseconds_ < 253'402'300'800'000'000;
  if (dated && !message_.empty()) {
    for (char& c : message_)
      if (c == '\n') c = ' ';
    for (char& c : identifier_)
      if (c == ' ' || c == '\n' || c == '[' || c == ':') c = '_';
    const auto time = std::chrono::system_clock::time_point(std::chrono::microseconds(microseconds_));
    lines += text::iso_time(time) + " journal " + (identifier_.empty() ? "unknown" : identifier_) + "[" + process_ + "]: " + message_ + "\n";
  }
  message_.clear();
  identifier_.clear();
  process_.clear();
  microseconds_ = 0;
}

void JournalReader::finish(std::string& lines) {
  read("\n\n", lines);
  end_entry(lines);
}

}  // namespace mailmedic::maillog
