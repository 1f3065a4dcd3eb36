#pragma once
#include <boost/asio/awaitable.hpp>
#include <vector>

#include "lib/dns/resolver.hpp"
#include "lib/dns/wire.hpp"
#include "lib/net/parallel.hpp"

namespace mailmedic::dns {

/// Asks several questions at once; the answers in their order.
inline asio::awaitable<std::vector<Answer>> query_all(Resolver& dns, const std::vector<Question>& questions) {
  std::vector<asio::awaitable<Answer>> work;
  work.reserve(questions.size());
  for (const Question& question : questions) work.push_back(dns.query(question.name, question.type));
  return net::in_parallel(std::move(work));
}

}  // namespace mailmedic::dns
