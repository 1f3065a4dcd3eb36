#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

namespace mailmedic::test {

/// Runs a coroutine to its end on an io_context of its own and gives its result; what it throws is thrown here.
template <typename T>
T run(boost::asio::awaitable<T> work) {
  boost::asio::io_context context;
  std::optional<T> result;
  std::exception_ptr thrown;
  const auto done = [&](std::exception_ptr failure, T value) {
    thrown = failure;
    result.emplace(std::move(value));
  };
  boost::asio::co_spawn(context, std::move(work), done);
  context.run();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*result);
}

}  // namespace mailmedic::test
