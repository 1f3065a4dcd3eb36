#include "lib/smtp/sharing_prober.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <map>
#include <set>

namespace mailmedic::smtp {

namespace {
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

/// Lets coroutines of one thread wait until something is woken.
class Bell {
 public:
  explicit Bell(const asio::any_io_executor& executor) : timer_(executor, asio::steady_timer::time_point::max()) {}
  asio::awaitable<void> wait() { co_await timer_.async_wait(as_values); }
  void ring() { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};
}  // namespace

struct SharingProber::State : std::enable_shared_from_this<State> {
  struct Entry {
    explicit Entry(const asio::any_io_executor& executor) : finished(executor) {}
    Bell finished;
    bool done = false;
    Probe probe;
    std::exception_ptr thrown;
  };

  State(Prober& prober, std::size_t limit) : inner(prober), most(limit == 0 ? 1 : limit) {}

  bool may_start(const net::Address& address) const { return busy.size() < most && !busy.contains(address); }

  /// Each end of a probe lets all that wait look again; they are few beside what a probe costs.
  asio::awaitable<void> enter(net::Address address) {
    const auto executor = co_await asio::this_coro::executor;
    while (!may_start(address)) {
      const auto bell = std::make_shared<Bell>(executor);
      waiting.push_back(bell);
      co_await bell->wait();
    }
    busy.insert(address);
  }

  void leave(const net::Address& address) {
    busy.erase(address);
    for (const auto& bell : std::exchange(waiting, {})) bell->ring();
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
    entry->finished.ring();
  }

  Prober& inner;
  const std::size_t most;
  std::map<ProbeRequest, std::shared_ptr<Entry>> entries;
  std::set<net::Address> busy;
  std::vector<std::shared_ptr<Bell>> waiting;
};

SharingProber::SharingProber(Prober& inner, std::size_t connections)
    : state_(std::make_shared<State>(inner, connections)) {}
SharingProber::~SharingProber() = default;

asio::awaitable<Probe> SharingProber::probe(ProbeRequest request) {
  const auto executor = co_await asio::this_coro::executor;
  auto& known = state_->entries[request];
  if (!known) {
    known = std::make_shared<State::Entry>(executor);
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
