#include "lib/smtp/sharing_prober.hpp"

#include <map>
#include <set>

#include "lib/net/once.hpp"

namespace mailmedic::smtp {

struct SharingProber::State : std::enable_shared_from_this<State> {
  State(Prober& prober, std::size_t limit) : inner(prober), most(limit == 0 ? 1 : limit) {}

  bool may_start(const net::Address& address) const { return busy.size() < most && !busy.contains(address); }

  /// Each end of a probe lets all that wait look again; they are few beside what a probe costs.
  asio::awaitable<void> enter(net::Address address) {
    while (!may_start(address)) co_await left.wait();
    busy.insert(address);
  }

  void leave(const net::Address& address) {
    busy.erase(address);
    left.wake_all();
  }

  asio::awaitable<Probe> run(ProbeRequest request) {
    const auto self = shared_from_this();
    const net::Address address = request.endpoint.address;
    co_await enter(address);
    Probe probe;
    std::exception_ptr thrown;
    try {
      probe = co_await inner.probe(std::move(request));
    } catch (...) {
      thrown = std::current_exception();
    }
    leave(address);
    if (thrown) std::rethrow_exception(thrown);
    co_return probe;
  }

  Prober& inner;
  const std::size_t most;
  std::map<ProbeRequest, std::shared_ptr<net::Once<Probe>>> probes;
  std::set<net::Address> busy;
  net::Waiting left;
};

SharingProber::SharingProber(Prober& inner, std::size_t connections)
    : state_(std::make_shared<State>(inner, connections)) {}
SharingProber::~SharingProber() = default;

asio::awaitable<Probe> SharingProber::probe(ProbeRequest request) {
  const auto state = state_;
  std::shared_ptr<net::Once<Probe>> probe;
  if (const auto known = state->probes.find(request); known != state->probes.end()) {
    probe = known->second;
  } else {
    probe = co_await net::Once<Probe>::begin(state->run(request));
    state->probes.emplace(std::move(request), probe);
  }
  co_return co_await probe->result();
}

}  // namespace mailmedic::smtp
