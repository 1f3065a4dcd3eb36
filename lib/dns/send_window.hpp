#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

namespace mailmedic::dns {

/// How many questions may be on the way to one server. A burst that overflows the server's socket buffer (some 270
/// messages where nobody raised the system's default) costs each lost question a repeat; so the window grows only
/// while answers come as fast as the fastest did, holds when they queue somewhere, shrinks when one is lost, and
/// never exceeds what a server of 32,000 answers a second can have under way in the fastest delay seen. Until the
/// first answer comes the window opens with time, as far as such a server would have emptied its buffer meanwhile,
/// but never beyond what the buffer holds if it has not.
class SendWindow {
 public:
  using Clock = std::chrono::steady_clock;

  /// `sharers`: how many windows of this process send to the same server; each takes its part.
  explicit SendWindow(std::size_t sharers = 1)
      : initial_(std::max(smallest, 128.0 / static_cast<double>(sharers))), per_microsecond_(0.032 / static_cast<double>(sharers)), size_(initial_) {}

  bool has_room(Clock::time_point now) {
    if (!answered_) open_with_time(now);
    return in_flight_ < static_cast<std::size_t>(size_);
  }
  /// Will there be more room in a moment, without an answer?
  bool opens_by_itself() const { return !answered_ && size_ < most_unanswered * initial_; }
  void on_sent(Clock::time_point now) {
    if (!begun_) begun_ = now;
    ++in_flight_;
  }
  /// The question is not on the way any more, without a measure of its delay.
  void on_dropped() { --in_flight_; }
  void on_answer(std::chrono::microseconds delay) {
    --in_flight_;
    answered_ = true;
    fastest_ = std::min(fastest_, delay);
    if (delay > 2 * fastest_ + std::chrono::milliseconds(2))
      size_ = std::max(smallest, size_ - 0.5);
    else if (in_flight_ + 1 >= static_cast<std::size_t>(size_ / 2))
      size_ = std::min(largest(), size_ + 1);
  }
  void on_lost() {
    --in_flight_;
    answered_ = true;
    size_ = std::max(smallest, size_ * 0.75);
  }

 private:
  static constexpr double smallest = 16, most_unanswered = 1.5;  // times the initial size

  double largest() const { return initial_ + per_microsecond_ * static_cast<double>(fastest_.count()); }
  void open_with_time(Clock::time_point now) {
    if (!begun_) return;
    const auto waited = std::chrono::duration_cast<std::chrono::microseconds>(now - *begun_);
    size_ = std::min(most_unanswered * initial_, initial_ + per_microsecond_ * static_cast<double>(waited.count()));
  }

  double initial_, per_microsecond_, size_;
  std::size_t in_flight_ = 0;
  bool answered_ = false;
  std::optional<Clock::time_point> begun_;
  std::chrono::microseconds fastest_{std::chrono::seconds(2)};
};

}  // namespace mailmedic::dns
