#include "lib/dns/caching_resolver.hpp"

namespace mailmedic::dns {

using Clock = std::chrono::steady_clock;

asio::awaitable<Answer> CachingResolver::query(Name name, Type type) {
  const Question question{std::move(name), type};
  auto [found, is_new] = entries_.try_emplace(question);
  if (!is_new) {
    if (found->second.open) {
      auto join = [entry = &found->second](Completion completion) { entry->waiting.push_back(std::move(completion)); };
      co_return co_await wait_for_answer(std::move(join));
    }
    if (Clock::now() < found->second.expires) co_return found->second.answer;
    found->second = Entry{};
  }
  Entry& entry = found->second;  // stays where it is: an unordered_map moves no elements, and open ones are never erased
  Answer answer = co_await upstream_.query(question.name, type);
  const auto kept = answer.is_definite() ? std::max(answer.ttl, std::chrono::seconds(2)) : std::chrono::seconds(30);
  entry.expires = Clock::now() + kept;
  entry.answer = answer;
  entry.open = false;
  auto waiting = std::move(entry.waiting);
  entry.waiting.clear();
  if (entries_.size() > max_entries) make_room();
  for (Completion& completion : waiting) completion(answer);
  co_return answer;
}

void CachingResolver::make_room() {
  const auto now = Clock::now();
  std::erase_if(entries_, [&](const auto& item) { return !item.second.open && item.second.expires <= now; });
  if (entries_.size() > max_entries)
    std::erase_if(entries_, [](const auto& item) { return !item.second.open; });
}

}  // namespace mailmedic::dns
