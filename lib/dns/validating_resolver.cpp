#include "lib/dns/validating_resolver.hpp"

namespace mailmedic::dns {

asio::awaitable<Answer> ValidatingResolver::query(Name name, Type type) {
  Answer answer = co_await upstream_.query(name, type);
  const Verdict verdict = co_await chain_.judge(std::move(name), type, answer);
  answer.message.clear();
  answer.authentic = verdict.security == Security::secure;
  if (verdict.security == Security::bogus) {
    answer.status = Status::bogus;
    answer.records.clear();
    answer.why = verdict.why;
  }
  co_return answer;
}

}  // namespace mailmedic::dns
