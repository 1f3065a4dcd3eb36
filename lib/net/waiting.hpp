#pragma once
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>
#include <vector>

namespace mailmedic::net {

/// Coroutines of one thread that wait until something is done. Each timer belongs to the coroutine that waits, and
/// so never outlives the io_context, which this may.
class Waiting {
 public:
  boost::asio::awaitable<void> wait() {
    namespace asio = boost::asio;
    const auto executor = co_await asio::this_coro::executor;
    const auto timer = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
    timers_.push_back(timer);
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
  }
  void wake_all() {
    for (const auto& held : std::exchange(timers_, {}))
      if (const auto timer = held.lock()) timer->cancel();
  }

 private:
  std::vector<std::weak_ptr<boost::asio::steady_timer>> timers_;
};

}  // namespace mailmedic::net
