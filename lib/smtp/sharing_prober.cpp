#include "lib/smtp/sharing_prober.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <map>
#include <set>

#include "lib/net/waiting.hpp"

namespace mailmedic::smtp {

struct SharingProber::State : std::enable_shared_from_this<State> {
  struct Entry {
    net::Waiting finished;
    bool done = false;
    Probe probe;
    std::exception_ptr thrown;
  };

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

  /// Runs apart from those who wait for it: when the first of them is cancelled, the others still get theirs.
  asio::awaitable<void> run(std::shared_ptr<Entry> entry, ProbeRequest request) {
    const auto self = shared_from_this();
    const net::Address address = request.endpoint.address;
    co_await enter(address);
    try {
      entry->probe = co_await inner.probe(std::move(request));
    } catch (...) {
      entry->thrown = std::current_exception();
    }
    leave(address);
    entry->done = true;
    entry->finished.wake_all();
  }

  Prober& inner;
  const std::size_t most;
  std::map<ProbeRequest, std::shared_ptr<Entry>> entries;
  std::set<net::Address> busy;
  net::Waiting left;
};

SharingProber::SharingProber(Prober& inner, std::size_t connections)
    : state_(std::make_shared<State>(inner, connections)) {}
SharingProber::~SharingProber() = default;

asio::awaitable<Probe> SharingProber::probe(ProbeRequest request) {
  const auto executor = co_await asio::this_coro::executor;
  auto& known = state_->entries[request];
  if (!known) {
    known = std::make_shared<State::Entry>();
    const auto rethrow = [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    };
    asio::co_spawn(executor, state_->run(known, std::move(request)), rethrow);
  }
  const auto entry = known;
  while (!entry->done) {
    co_await entry->finished.wait();
    const auto cancelled = co_await asio::this_coro::cancellation_state;
    if (cancelled.cancelled() != asio::cancellation_type::none) throw boost::system::system_error(asio::error::operation_aborted);
  }
  if (entry->thrown) std::rethrow_exception(entry->thrown);
  co_return entry->probe;
}

}  // namespace mailmedic::smtp
