#include "tools/cli/seats.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/net/parallel.hpp"

namespace mailmedic::cli {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_open_bytes = 64 * 1024 * 1024;

}  // namespace

asio::awaitable<void> Seats::work(std::size_t seats, Take take, std::function<void()> second) {
  std::vector<asio::awaitable<bool>> sitting;
  for (std::size_t i = 0; i < seats; ++i) sitting.push_back(sit(take, second));
  co_await net::in_parallel(std::move(sitting));
}

asio::awaitable<bool> Seats::sit(const Take& take, const std::function<void()>& second) {
  std::optional<asio::steady_timer> pause;
  for (;;) {
    if (!desk_.has_room() || open_bytes_ > most_open_bytes) {
      if (!pause) pause.emplace(co_await asio::this_coro::executor);
      pause->expires_after(std::chrono::milliseconds(2));
      co_await pause->async_wait(asio::use_awaitable);
      continue;
    }
    auto next = source_.next();
    if (!next) co_return true;
    if (next->number == 1) second();
    if (!next->why.empty()) {
      desk_.tell(next->name + ": " + next->why);
      desk_.put(next->number, std::nullopt);
      continue;
    }
    const std::size_t bytes = next->text.size();
    open_bytes_ += bytes;
    co_await take(std::move(*next));
    open_bytes_ -= bytes;
  }
}

}  // namespace mailmedic::cli
