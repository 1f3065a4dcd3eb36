#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>

namespace mailmedic::dns {

/// How many questions may be on the way to one server. A burst that overflows the server's socket buffer (some 160
/// to 270 messages where nobody raised the system's default) costs each lost question a repeat; so the window grows only
/// while answers come as fast as the fastest did, holds when they queue somewhere, shrinks when one is lost, and
/// never exceeds what a server of 32,000 answers a second can have under way in the fastest delay seen.
class SendWindow {
 public:
  /// `sharers`: how many windows of this process send to the same server; each takes its part.
  explicit SendWindow(std::size_t sharers = 1)
      : initial_(std::max(smallest, 208.0 / static_cast<double>(sharers))), per_microsecond_(0.032 / static_cast<double>(sharers)), size_(initial_) {}

  bool has_room() const { return in_flight_ < static_cast<std::size_t>(size_); }
  void on_sent() { ++in_flight_; }
  /// The question is not on the way any more, without a measure of its delay.
  void on_dropped() { --in_flight_; }
  void on_answer(std::chrono::microseconds delay) {
    --in_flight_;
    fastest_ = std::min(fastest_, delay);
    if (delay > 2 * fastest_ + std::chrono::milliseconds(2))
      size_ = std::max(smallest, size_ - 0.5);
    else if (in_flight_ + 1 >= static_cast<std::size_t>(size_ / 2))
      size_ = std::min(initial_ + per_microsecond_ * static_cast<double>(fastest_.count()), size_ + 1);
  }
  void on_lost() {
    --in_flight_;
    size_ = std::max(smallest, size_ * 0.75);
  }

 private:
  static constexpr double smallest = 16;
  double initial_, per_microsecond_, size_;
  std::size_t in_flight_ = 0;
  std::chrono::microseconds fastest_{std::chrono::seconds(2)};
};

}  // namespace mailmedic::dns
