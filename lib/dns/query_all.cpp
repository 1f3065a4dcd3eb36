#include "lib/dns/query_all.hpp"

#include "lib/net/parallel.hpp"

namespace mailmedic::dns {

asio::awaitable<std::vector<Answer>> query_all(Resolver& dns, std::vector<Question> questions) {
  std::vector<asio::awaitable<Answer>> work;
  work.reserve(questions.size());
  for (const Question& question : questions) work.push_back(dns.query(question.name, question.type));
  co_return co_await net::in_parallel(std::move(work));
}

}  // namespace mailmedic::dns
