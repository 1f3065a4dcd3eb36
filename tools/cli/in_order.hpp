#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace mailmedic::cli {

/// The same work on many things by several threads, its results handed on in the order in which the things came. A few
/// hundred things wait at most: whoever adds more does a part of the work himself.
template <typename Thing, typename Result>
class InOrder {
 public:
  using Work = std::function<Result(std::size_t lane, Thing thing)>;
  using Take = std::function<void(Result)>;

  /// `work` is called by `lanes` threads at once, each with its number; `take` by the thread that adds, alone.
  InOrder(std::size_t lanes, Work work, Take take) : lanes_(lanes), work_(std::move(work)), take_(std::move(take)) {}
  ~InOrder() { end_threads(); }
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;

  void add(Thing thing) {
    if (lanes_ <= 1) return take_(work_(0, std::move(thing)));
    std::unique_lock lock(mutex_);
    slots_.push_back({.thing = std::move(thing)});
    if (slots_.size() > 1 && threads_.empty()) start_threads();  // one thing alone needs none
    added_.notify_one();
    hand_on(lock);
    while (slots_.size() >= most_waiting) {
      help(lock);
      hand_on(lock);
    }
  }

  /// Waits for what was added.
  void finish() {
    std::unique_lock lock(mutex_);
    while (!slots_.empty()) {
      help(lock);
      hand_on(lock);
    }
    lock.unlock();
    end_threads();
  }

 private:
  static constexpr std::size_t most_waiting = 256;
  struct Slot {
    Thing thing;
    std::optional<Result> result{};
  };

  /// The next thing that nobody works on, worked on; `lock` is open meanwhile. There must be one.
  void work_on_next(std::unique_lock<std::mutex>& lock, std::size_t lane) {
    Slot& slot = slots_[begun_++];
    lock.unlock();
    Result result = work_(lane, std::move(slot.thing));
    lock.lock();
    slot.result.emplace(std::move(result));
    if (&slot == &slots_.front()) first_done_.notify_one();
  }

  void help(std::unique_lock<std::mutex>& lock) {
    if (begun_ < slots_.size()) work_on_next(lock, 0);
    else first_done_.wait(lock, [&] { return slots_.front().result.has_value(); });
  }

  void hand_on(std::unique_lock<std::mutex>& lock) {
    while (!slots_.empty() && slots_.front().result) {
      Result result = std::move(*slots_.front().result);
      slots_.pop_front();
      --begun_;
      lock.unlock();
      take_(std::move(result));
      lock.lock();
    }
  }

  void start_threads() {
    for (std::size_t lane = 1; lane < lanes_; ++lane) {
      threads_.emplace_back([this, lane] {
        std::unique_lock lock(mutex_);
        for (;;) {
          added_.wait(lock, [&] { return ended_ || begun_ < slots_.size(); });
          if (begun_ >= slots_.size()) return;
          work_on_next(lock, lane);
        }
      });
    }
  }

  void end_threads() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      added_.notify_all();
    }
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  std::size_t lanes_;
  Work work_;
  Take take_;
  std::mutex mutex_;
  std::condition_variable added_, first_done_;
  std::deque<Slot> slots_;  ///< in the order of coming; the first `begun_` of them are worked on, or done
  std::size_t begun_ = 0;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace mailmedic::cli
