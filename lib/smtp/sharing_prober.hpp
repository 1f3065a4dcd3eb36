#pragma once
#include <memory>

#include "lib/smtp/prober.hpp"

namespace mailmedic::smtp {

/// Spares the servers: equal requests of a run, under way or done, share one connection; at most one connection at
/// a time goes to one address, and at most `connections` in all. For one io_context on one
/// thread, which it may outlive.
class SharingProber : public Prober {
 public:
  /// `inner` must outlive this, and every probe that was started.
  explicit SharingProber(Prober& inner, std::size_t connections = 64);
  ~SharingProber() override;

  asio::awaitable<Probe> probe(ProbeRequest request) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mailmedic::smtp
