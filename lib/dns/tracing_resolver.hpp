#pragma once
#include <chrono>
#include <functional>

#include "lib/dns/resolver.hpp"

namespace mailmedic::dns {

/// One question and its answer, as it happened.
struct Observation {
  Name name;
  Type type;
  const Answer& answer;
  std::chrono::microseconds duration;
};

/// Passes every question on and tells an observer of each answer.
class TracingResolver : public Resolver {
 public:
  TracingResolver(Resolver& upstream, std::function<void(const Observation&)> observer)
      : upstream_(upstream), observer_(std::move(observer)) {}

  asio::awaitable<Answer> query(Name name, Type type) override {
    const auto begin = std::chrono::steady_clock::now();
    Answer answer = co_await upstream_.query(name, type);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
    observer_(Observation{name, type, answer, took});
    co_return answer;
  }

 private:
  Resolver& upstream_;
  std::function<void(const Observation&)> observer_;
};

}  // namespace mailmedic::dns
