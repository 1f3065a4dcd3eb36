#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "lib/maillog/line.hpp"

namespace mailmedic::log {

/// Counts over time, an hour a bin; when they become many, bins are joined, so that memory is bounded.
class Bins {
 public:
  void add(maillog::Seconds time, std::uint64_t count);
  void add(const Bins& others);

  std::int64_t width() const { return width_; }  ///< of a bin, in seconds
  /// Beginning of each bin that has something in it, in order, and its count.
  const std::vector<std::pair<maillog::Seconds, std::uint64_t>>& all() const { return bins_; }

 private:
  void join();
  static constexpr std::size_t most = 800;
  std::int64_t width_ = 3600;
  std::vector<std::pair<maillog::Seconds, std::uint64_t>> bins_;
};

}  // namespace mailmedic::log
