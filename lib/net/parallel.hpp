#pragma once
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace mailmedic::net {

/// Where tasks of one in_parallel() meet. Their handlers own it, never the coroutine that waits: so nothing keeps
/// itself alive when the event loop is destroyed in the middle.
template <typename T>
class Meeting {
 public:
  explicit Meeting(std::size_t tasks) : open_(tasks), results_(tasks) {}

  void put(std::size_t index, std::exception_ptr thrown, T result) {
    if (thrown && !thrown_) thrown_ = thrown;
    results_[index] = std::move(result);
    if (--open_ == 0 && waiting_) std::exchange(waiting_, nullptr)->resume(thrown_, std::move(results_));
  }

  /// Suspends until all have come.
  static boost::asio::awaitable<std::vector<T>> wait(std::weak_ptr<Meeting> held) {
    namespace asio = boost::asio;
    auto initiate = [held](auto handler) { held.lock()->waiting_ = std::make_unique<Of<decltype(handler)>>(std::move(handler)); };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, std::vector<T>)>(std::move(initiate), asio::use_awaitable);
  }

  bool is_over() const { return open_ == 0; }
  std::vector<T> take() {
    if (thrown_) std::rethrow_exception(thrown_);
    return std::move(results_);
  }

 private:
  struct Handler {
    virtual ~Handler() = default;
    virtual void resume(std::exception_ptr thrown, std::vector<T> results) = 0;
  };
  template <typename Resume>
  struct Of : Handler {
    explicit Of(Resume resume) : held(std::move(resume)) {}
    void resume(std::exception_ptr thrown, std::vector<T> results) override { std::move(held)(thrown, std::move(results)); }
    Resume held;
  };

  std::size_t open_;
  std::vector<T> results_;
  std::exception_ptr thrown_;
  std::unique_ptr<Handler> waiting_;
};

/// Runs all tasks at once, on the awaiting coroutine's executor, which must be of one thread; the results stand in the
/// tasks' order. All have ended when it returns. The first exception is thrown on then. T must be default-constructible.
/// The last task runs in the awaiting coroutine itself: a task alone costs nothing.
template <typename T>
boost::asio::awaitable<std::vector<T>> in_parallel(std::vector<boost::asio::awaitable<T>> tasks) {
  namespace asio = boost::asio;
  if (tasks.empty()) co_return std::vector<T>();
  const std::size_t last = tasks.size() - 1;
  if (last == 0) {
    std::vector<T> alone;
    alone.push_back(co_await std::move(tasks.front()));
    co_return alone;
  }
  const auto executor = co_await asio::this_coro::executor;
  auto meeting = std::make_shared<Meeting<T>>(tasks.size());
  for (std::size_t i = 0; i < last; ++i)
    asio::co_spawn(executor, std::move(tasks[i]), [meeting, i](std::exception_ptr thrown, T result) { meeting->put(i, thrown, std::move(result)); });
  std::exception_ptr thrown;
  T own{};
  try {
    own = co_await std::move(tasks[last]);
  } catch (...) {
    thrown = std::current_exception();
  }
  meeting->put(last, thrown, std::move(own));
  if (meeting->is_over()) co_return meeting->take();
  std::weak_ptr<Meeting<T>> held = meeting;
  meeting.reset();
  co_return co_await Meeting<T>::wait(std::move(held));
}

}  // namespace mailmedic::net
