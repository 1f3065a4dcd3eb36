#include "lib/https/sharing_getter.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <exception>
#include <map>

#include "lib/net/waiting.hpp"

namespace mailmedic::https {

namespace {
constexpr std::size_t most_kept = 1024;
}

struct SharingGetter::State : std::enable_shared_from_this<State> {
  struct Entry {
    net::Waiting finished;
    bool done = false;
    Response response;
    std::exception_ptr thrown;
  };

  explicit State(Getter& getter) : inner(getter) {}

  /// Runs apart from those who wait for it: when the first of them is cancelled, the others still get theirs.
  asio::awaitable<void> run(std::shared_ptr<Entry> entry, Request request) {
    const auto self = shared_from_this();
    try {
      entry->response = co_await inner.get(std::move(request));
    } catch (...) {
      entry->thrown = std::current_exception();
    }
    entry->done = true;
    entry->finished.wake_all();
  }

  /// Those who wait for a forgotten entry hold it themselves.
  void remember(const Request& request, const std::shared_ptr<Entry>& entry) {
    entries[request] = entry;
    order.push_back(request);
    if (order.size() <= most_kept) return;
    entries.erase(order.front());
    order.pop_front();
  }

  Getter& inner;
  std::map<Request, std::shared_ptr<Entry>> entries;
  std::deque<Request> order;
};

SharingGetter::SharingGetter(Getter& inner) : state_(std::make_shared<State>(inner)) {}
SharingGetter::~SharingGetter() = default;

asio::awaitable<Response> SharingGetter::get(Request request) {
  const auto executor = co_await asio::this_coro::executor;
  const auto known = state_->entries.find(request);
  std::shared_ptr<State::Entry> entry = known == state_->entries.end() ? nullptr : known->second;
  if (!entry) {
    entry = std::make_shared<State::Entry>();
    state_->remember(request, entry);
    const auto rethrow = [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    };
    asio::co_spawn(executor, state_->run(entry, std::move(request)), rethrow);
  }
  while (!entry->done) {
    co_await entry->finished.wait();
    const auto cancelled = co_await asio::this_coro::cancellation_state;
    if (cancelled.cancelled() != asio::cancellation_type::none) throw boost::system::system_error(asio::error::operation_aborted);
  }
  if (entry->thrown) std::rethrow_exception(entry->thrown);
  co_return entry->response;
}

}  // namespace mailmedic::https
