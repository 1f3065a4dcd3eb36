// Coroutines side by side, work done once, and what the system's errors mean.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <stdexcept>

#include "lib/net/failure.hpp"
#include "lib/net/once.hpp"
#include "lib/net/parallel.hpp"
#include "tests/support/run.hpp"

namespace {

using namespace mailmedic;
namespace asio = boost::asio;

/// Ends after `turns` turns of the event loop.
asio::awaitable<int> after(int turns, int value, std::vector<int>* ended = nullptr) {
  const auto executor = co_await asio::this_coro::executor;
  for (int i = 0; i < turns; ++i) co_await asio::post(executor, asio::use_awaitable);
  if (ended) ended->push_back(value);
  co_return value;
}

asio::awaitable<int> failing(int turns) {
  co_await after(turns, 0);
  throw std::runtime_error("no");
}

std::vector<int> together(std::vector<asio::awaitable<int>> work) { return test::run(net::in_parallel(std::move(work))); }

TEST(InParallel, GivesTheResultsInTheTasksOrderWhoeverEndsFirst) {
  for (const auto& turns : std::vector<std::vector<int>>{{0, 0, 0}, {5, 1, 3}, {1, 2, 9}, {9, 0, 0}, {0, 9, 1}}) {
    std::vector<asio::awaitable<int>> work;
    for (int i = 0; i < 3; ++i) work.push_back(after(turns[static_cast<std::size_t>(i)], i));
    EXPECT_EQ(together(std::move(work)), (std::vector<int>{0, 1, 2}));
  }
}

TEST(InParallel, TakesNoneAndOne) {
  EXPECT_TRUE(together({}).empty());
  std::vector<asio::awaitable<int>> one;
  one.push_back(after(2, 7));
  EXPECT_EQ(together(std::move(one)), std::vector<int>{7});
}

TEST(InParallel, ThrowsWhatATaskThrewOnceAllHaveEnded) {
  for (int bad = 0; bad < 3; ++bad) {
    std::vector<int> ended;
    std::vector<asio::awaitable<int>> work;
    for (int i = 0; i < 3; ++i) work.push_back(i == bad ? failing(1) : after(4, i, &ended));
    EXPECT_THROW(together(std::move(work)), std::runtime_error);
    EXPECT_EQ(ended.size(), 2u);
  }
}

TEST(InParallel, LeavesNothingBehindWhenTheEventLoopEndsInTheMiddle) {
  auto held = std::make_shared<int>(1);
  {
    asio::io_context context;
    const auto whole = [](std::shared_ptr<int>) -> asio::awaitable<void> {
      std::vector<asio::awaitable<int>> work;
      for (int i = 0; i < 3; ++i) work.push_back(after(1000, i));
      co_await net::in_parallel(std::move(work));
    };
    asio::co_spawn(context, whole(held), asio::detached);
    for (int i = 0; i < 20; ++i) context.run_one();
    EXPECT_GT(held.use_count(), 1);
  }
  EXPECT_EQ(held.use_count(), 1);
}

asio::awaitable<int> counted(int& runs, bool fails) {
  ++runs;
  co_await after(3, 0);
  if (fails) throw std::runtime_error("no");
  co_return 42;
}

asio::awaitable<std::vector<int>> ask_twice(int& runs, bool fails) {
  const auto once = co_await net::Once<int>::begin(counted(runs, fails));
  std::vector<asio::awaitable<int>> work;
  work.push_back(once->result());
  work.push_back(once->result());
  std::vector<int> results = co_await net::in_parallel(std::move(work));
  results.push_back(co_await once->result());
  co_return results;
}

TEST(Once, RunsOnceForAllThatAsk) {
  int runs = 0;
  EXPECT_EQ(test::run(ask_twice(runs, false)), (std::vector<int>{42, 42, 42}));
  EXPECT_EQ(runs, 1);
}

TEST(Once, ThrowsForAllThatAsk) {
  int runs = 0;
  EXPECT_THROW(test::run(ask_twice(runs, true)), std::runtime_error);
  EXPECT_EQ(runs, 1);
}

TEST(Failure, TellsWhatTheSystemMeans) {
  namespace errc = boost::system::errc;
  const auto of = [](errc::errc_t code) { return net::failure_of(errc::make_error_code(code)); };
  EXPECT_EQ(net::failure_of({}), net::Failure::none);
  EXPECT_EQ(of(errc::connection_refused), net::Failure::refused);
  EXPECT_EQ(of(errc::broken_pipe), net::Failure::reset);
  EXPECT_EQ(of(errc::timed_out), net::Failure::timed_out);
  EXPECT_EQ(of(errc::host_unreachable), net::Failure::unreachable);
  EXPECT_EQ(of(errc::address_family_not_supported), net::Failure::unreachable);
  EXPECT_EQ(of(errc::permission_denied), net::Failure::local);
  EXPECT_EQ(net::failure_of(asio::error::eof), net::Failure::closed);
}

}  // namespace
