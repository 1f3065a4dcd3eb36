#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "lib/net/waiting.hpp"

namespace mailmedic::net {

/// Work that is done once, for all coroutines of one thread that want its result.
template <typename Result>
class Once {
 public:
  /// Runs `work` apart from those who wait for it. The Once must be held by a shared_ptr, of which the run keeps one.
  static boost::asio::awaitable<std::shared_ptr<Once>> begin(boost::asio::awaitable<Result> work) {
    namespace asio = boost::asio;
    const auto executor = co_await asio::this_coro::executor;
    auto once = std::make_shared<Once>();
    const auto done = [once](std::exception_ptr thrown, Result result) {
      once->thrown_ = thrown;
      once->result_ = std::move(result);
      once->done_ = true;
      once->finished_.wake_all();
    };
    asio::co_spawn(executor, std::move(work), done);
    co_return once;
  }

  boost::asio::awaitable<Result> result() {
    while (!done_) co_await finished_.wait();
    if (thrown_) std::rethrow_exception(thrown_);
    co_return result_;
  }

 private:
  Waiting finished_;
  bool done_ = false;
  Result result_ = Result();
  std::exception_ptr thrown_;
};

}  // namespace mailmedic::net
