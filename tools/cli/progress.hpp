#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "checks/check.hpp"

namespace mailmedic::cli {

/// One line on a terminal that is written over again and again. On anything else it is silent.
class ProgressLine {
 public:
  explicit ProgressLine(bool shown) : shown_(shown) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Of one target: which checks are still at work.
  void check(std::string_view target, const Check& check, bool ended);
  /// Of many targets: how many are done, and how many of them have problems.
  void count(std::size_t done, std::size_t problems);
  void clear();

 private:
  void show(const std::string& line);

  bool shown_;
  std::vector<std::string_view> waiting_;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace mailmedic::cli
