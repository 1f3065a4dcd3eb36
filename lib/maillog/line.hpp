#pragma once
// One line of a log: when, by which program, what.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailmedic::maillog {

/// Seconds since 1970, UTC.
using Seconds = std::int64_t;

/// A time at the start of `text` and how many bytes it takes.
struct Stamp {
  Seconds time = 0;
  std::size_t size = 0;
  bool with_space = false;  ///< "2026-11-23 22:24:38": date and time apart, as Exim writes
};

/// Reads "Nov 23 22:24:38" (RFC 3164), "2026-11-23T22:24:38.5+01:00" (RFC 3339) and "2026-11-23 22:24:38". What names no
/// zone is in the zone of this machine. What names no year is at most a day younger than `newest`.
class StampReader {
 public:
  explicit StampReader(std::chrono::system_clock::time_point newest);
  std::optional<Stamp> read(std::string_view text);

 private:
  std::optional<Stamp> read_traditional(std::string_view text);
  std::optional<Stamp> read_iso(std::string_view text);
  Seconds newest_;
  int year_ = 1970;
  // The beginning of the last hour: lines of one hour stand together, and the zone's rules are costly to ask.
  char traditional_hour_[9] = {}, iso_hour_[13] = {};
  Seconds traditional_base_ = 0, iso_base_ = 0;
};

struct Line {
  Seconds time = 0;
  std::string_view program{};  ///< "postfix/smtpd"; "exim" for lines of Exim's own files
  std::string_view message{};  ///< behind the program's name
};

/// Takes lines apart: of syslog with any of the times above, RFC 5424, of JSON (one object a line: journalctl -o json,
/// rsyslog, Docker), and of Exim's own files.
class LineReader {
 public:
  explicit LineReader(std::chrono::system_clock::time_point newest) : stamps_(newest) {}
  /// False: there is no time in it. `out` is valid until the next call, and as long as `line`.
  bool read(std::string_view line, Line& out);

 private:
  bool read_json(std::string_view line, Line& out);
  bool read_5424(std::string_view line, Line& out);

  StampReader stamps_;
  std::string program_, message_;  ///< of a JSON line, unescaped
};

}  // namespace mailmedic::maillog
