#pragma once
// The end of one question's wait, type-erased; inside lib/dns only. (Asio's any_completion_handler came with Boost 1.82.)
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

#include "lib/dns/answer.hpp"

namespace mailmedic::dns {

/// Resumes a coroutine with an Answer, at most once.
class Completion {
 public:
  Completion() = default;
  template <typename Handler>
  explicit Completion(Handler handler) : waiting_(std::make_unique<Of<Handler>>(std::move(handler))) {}

  explicit operator bool() const { return waiting_ != nullptr; }
  void operator()(Answer answer) {
    const auto waiting = std::move(waiting_);
    waiting->resume(std::move(answer));
  }

 private:
  struct Waiting {
    virtual ~Waiting() = default;
    virtual void resume(Answer answer) = 0;
  };
  template <typename Handler>
  struct Of : Waiting {
    explicit Of(Handler handler) : handler(std::move(handler)) {}
    void resume(Answer answer) override { std::move(handler)(std::move(answer)); }
    Handler handler;
  };
  std::unique_ptr<Waiting> waiting_;
};

/// Suspends the calling coroutine; `start` is given the Completion that resumes it.
template <typename Start>
auto wait_for_answer(Start start) {
  auto initiate = [start = std::move(start)](auto handler) mutable { start(Completion(std::move(handler))); };
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Answer)>(std::move(initiate),
                                                                                        boost::asio::use_awaitable);
}

}  // namespace mailmedic::dns
