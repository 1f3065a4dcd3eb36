#include "lib/dns/ask_all.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>

namespace mailmedic::dns {

namespace {

struct Work {
  const std::vector<Question>& questions;
  Resolver& resolver;
  std::vector<Answer> answers;
  std::size_t next = 0;
};

/// Takes the next question until none is left.
asio::awaitable<void> answer_some(Work& work) {
  while (work.next < work.questions.size()) {
    const std::size_t mine = work.next++;
    work.answers[mine] = co_await work.resolver.query(work.questions[mine].name, work.questions[mine].type);
  }
}

}  // namespace

asio::awaitable<std::vector<Answer>> ask_all(std::vector<Question> questions, Resolver& resolver, std::size_t at_once) {
  Work work{questions, resolver, std::vector<Answer>(questions.size())};
  const std::size_t workers = std::min(at_once, questions.size());
  if (workers < 2) {
    co_await answer_some(work);
    co_return std::move(work.answers);
  }
  const auto executor = co_await asio::this_coro::executor;
  const auto start = [&] { return asio::co_spawn(executor, answer_some(work), asio::deferred); };
  std::vector<decltype(start())> started;
  started.reserve(workers);
  for (std::size_t i = 0; i < workers; ++i) started.push_back(start());
  auto group = asio::experimental::make_parallel_group(std::move(started));
  auto [order, failures] = co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
  co_return std::move(work.answers);
}

}  // namespace mailmedic::dns
