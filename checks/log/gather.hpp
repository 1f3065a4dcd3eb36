#pragma once
// Reads log files with every core and counts what happened.
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "checks/log/tally.hpp"
#include "lib/maillog/input.hpp"
#include "lib/maillog/servers.hpp"

namespace mailmedic::log {

struct Wanted {
  maillog::Seconds since = std::numeric_limits<maillog::Seconds>::min();  ///< earlier events are left out
  maillog::Seconds until = std::numeric_limits<maillog::Seconds>::max();  ///< this second and later ones too
  bool addresses = false;       ///< keep the addresses that bounced for good
  unsigned threads = 0;         ///< 0: one a core
  std::size_t block_bytes = maillog::Blocks::usual_block_bytes;
};

/// Lines by what became of them.
struct Lines {
  std::uint64_t all = 0, undated = 0, binary = 0, too_long = 0, other_programs = 0, outside = 0;
  std::array<std::uint64_t, maillog::servers> of_server{};
  void add(const Lines& others);
};

struct Gathered {
  Tally tally;
  Table senders;                      ///< by envelope sender
  std::uint64_t deferred_messages = 0;  ///< that were deferred at least once
  Lines lines{};
  std::vector<maillog::FileAccount> files{};  ///< in the order of reading
};

/// Reads files as they come to it, so that a growing log may be read again and again: what it knows of the queue stays.
class Gatherer {
 public:
  explicit Gatherer(Wanted wanted);
  ~Gatherer();
  Gatherer(const Gatherer&) = delete;
  Gatherer& operator=(const Gatherer&) = delete;

  void read(const std::vector<std::string>& files);
  /// More lines of a file that was read before.
  void read_more(std::string_view lines);
  /// All that was counted until now.
  Gathered result() const;

 private:
  struct Shared;
  Wanted wanted_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace mailmedic::log
