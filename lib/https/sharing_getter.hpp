#pragma once
#include <memory>

#include "lib/https/getter.hpp"

namespace mailmedic::https {

/// Equal requests of a run, under way or done, are one: two checks that need the same policy ask for it once. The last
/// 1024 answers are kept. For one io_context on one thread, which it may outlive.
class SharingGetter : public Getter {
 public:
  /// `inner` must outlive this, and every request that was started.
  explicit SharingGetter(Getter& inner);
  ~SharingGetter() override;

  asio::awaitable<Response> get(Request request) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mailmedic::https
