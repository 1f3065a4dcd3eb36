#pragma once
#include <chrono>
#include <unordered_map>
#include <vector>

#include "lib/dns/completion.hpp"
#include "lib/dns/resolver.hpp"
#include "lib/dns/wire.hpp"

namespace mailmedic::dns {

/// Asks another resolver each question once: askers of the same question while it is open share its answer, and
/// answers are kept for their TTL (RFC 1035 section 3.2.1, RFC 2308 for negative ones), but at least for two
/// seconds, so that the checks of one run never see two answers. A failure is kept for 30 seconds (RFC 2308
/// section 7 allows 5 minutes). At most `max_entries` answers are kept.
class CachingResolver : public Resolver {
 public:
  static constexpr std::size_t max_entries = 500'000;

  explicit CachingResolver(Resolver& upstream) : upstream_(upstream) {}
  asio::awaitable<Answer> query(Name name, Type type) override;

 private:
  struct QuestionHash {
    std::size_t operator()(const Question& question) const noexcept {
      return std::hash<Name>()(question.name) * 31 + static_cast<std::size_t>(question.type);
    }
  };
  struct Entry {
    bool open = true;                 ///< asked, not yet answered
    std::vector<Completion> waiting;  ///< askers beside the first
    Answer answer;
    std::chrono::steady_clock::time_point expires{};
  };
  void make_room();

  Resolver& upstream_;
  std::unordered_map<Question, Entry, QuestionHash> entries_;
};

}  // namespace mailmedic::dns
