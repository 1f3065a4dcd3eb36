#pragma once
// What happened in a log, counted. Memory is bounded: where names become too many, the rest is counted as "(others)".
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <optional>
#include <string>
#include <vector>

#include "checks/log/bins.hpp"
#include "checks/log/names.hpp"
#include "lib/maillog/event.hpp"
#include "lib/maillog/line.hpp"

namespace mailmedic::log {

/// How many events of each kind.
struct Counts {
  std::array<std::uint64_t, maillog::kinds> of{};
  std::uint64_t& operator[](maillog::Kind kind) { return of[static_cast<std::size_t>(kind)]; }
  std::uint64_t operator[](maillog::Kind kind) const { return of[static_cast<std::size_t>(kind)]; }
  void add(const Counts& others);
  /// Deferred, bounced and rejected.
  std::uint64_t failures() const;
};

/// Counts by name: by receiving domain, by sender.
class Table {
 public:
  explicit Table(std::size_t most) : names_(most) {}
  Counts& of(std::string_view name);
  void add(const Table& others);
  std::size_t size() const { return counts_.size(); }
  bool has_counts(std::size_t index) const { return counts_[index].of != Counts().of; }
  const std::string& name(std::size_t index) const { return names_.text(static_cast<std::uint32_t>(index)); }
  const Counts& counts(std::size_t index) const { return counts_[index]; }

 private:
  Names names_;
  std::vector<Counts> counts_;
};

using Few = boost::unordered_flat_map<std::string, std::uint64_t>;  ///< a few names with their counts

/// Failures with one cause.
struct Group {
  maillog::Kind kind = maillog::Kind::none;
  std::string_view cause_class{};
  std::string status{}, reply_code{}, text{};  ///< `text` is normalised
  std::string sample{};                        ///< the words of the first one, as they stand in the log
  std::uint64_t count = 0;
  maillog::Seconds first = 0, last = 0;
  Bins bins{};
  Few receivers{}, senders{};
};

/// An address that bounced for good.
struct HardBounce {
  std::uint64_t count = 0;
  maillog::Seconds first = 0, last = 0;
  std::uint32_t group = 0;
};

class Tally {
 public:
  /// With `addresses`, the addresses that bounced for good are kept.
  explicit Tally(bool addresses = false);

  /// Counts an event. The number of its group, for failures.
  std::optional<std::uint32_t> add(const maillog::Event& event, maillog::Seconds time);
  /// Who sent what failed, when it became known.
  void add_sender(std::uint32_t group, std::string_view sender, std::uint64_t count);
  /// The time of a line, whatever it said.
  void saw(maillog::Seconds first, maillog::Seconds last);
  void add(const Tally& others);

  Counts totals{};
  std::optional<maillog::Seconds> first{}, last{};
  std::array<Bins, maillog::kinds> bins{};
  Table receivers, sources, clients;
  std::vector<Group> groups{};
  boost::unordered_flat_map<std::string, HardBounce> hard{};
  std::uint64_t hard_left_out = 0;  ///< addresses beyond those that are kept

 private:
  std::uint32_t group_of(const maillog::Event& event, maillog::Seconds time);
  std::uint32_t group_at(maillog::Kind kind, std::string_view status, std::string_view words);
  void count_among(Few& few, std::string_view name, std::uint64_t count);
  void keep_address(std::string_view address, const HardBounce& bounce);

  bool addresses_;
  std::size_t few_left_;  ///< names that may still be kept within groups, all together
  boost::unordered_flat_map<std::string, std::uint32_t> by_words_{};
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> by_text_{};  ///< texts as they stand in the log, by hash
};

}  // namespace mailmedic::log
