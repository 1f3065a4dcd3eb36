#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <vector>

#include "lib/dns/resolver.hpp"
#include "lib/dns/wire.hpp"

namespace mailmedic::dns {

/// Runs coroutines side by side; their results in the order given. The first exception is thrown when all have ended.
template <typename T>
asio::awaitable<std::vector<T>> together(std::vector<asio::awaitable<T>> work) {
  struct Shared {
    explicit Shared(asio::any_io_executor executor) : all_done(std::move(executor)) {}
    std::vector<T> results;
    std::size_t left = 0;
    std::exception_ptr thrown;
    asio::steady_timer all_done;
  };
  if (work.empty()) co_return std::vector<T>();
  const auto executor = co_await asio::this_coro::executor;
  const auto shared = std::make_shared<Shared>(executor);
  shared->results.resize(work.size());
  shared->left = work.size();
  shared->all_done.expires_at(asio::steady_timer::time_point::max());
  for (std::size_t i = 0; i < work.size(); ++i) {
    auto done = [shared, i](std::exception_ptr thrown, T result) {
      if (thrown && !shared->thrown) shared->thrown = thrown;
      shared->results[i] = std::move(result);
      if (--shared->left == 0) shared->all_done.cancel();
    };
    asio::co_spawn(executor, std::move(work[i]), std::move(done));
  }
  if (shared->left > 0) {
    boost::system::error_code woken;
    auto wait = asio::redirect_error(asio::use_awaitable, woken);
    co_await shared->all_done.async_wait(wait);
  }
  if (shared->thrown) std::rethrow_exception(shared->thrown);
  co_return std::move(shared->results);
}

/// Asks several questions at once; the answers in their order.
inline asio::awaitable<std::vector<Answer>> query_all(Resolver& dns, const std::vector<Question>& questions) {
  std::vector<asio::awaitable<Answer>> work;
  work.reserve(questions.size());
  for (const Question& question : questions) work.push_back(dns.query(question.name, question.type));
  return together(std::move(work));
}

}  // namespace mailmedic::dns
