#include "lib/https/sharing_getter.hpp"

#include <deque>
#include <map>

#include "lib/net/once.hpp"

namespace mailmedic::https {

namespace {
constexpr std::size_t most_kept = 1024;
}

struct SharingGetter::State {
  /// Those who wait for a forgotten answer hold it themselves.
  void make_room() {
    if (order.size() <= most_kept) return;
    answers.erase(order.front());
    order.pop_front();
  }

  Getter& inner;
  std::map<Request, std::shared_ptr<net::Once<Response>>> answers{};
  std::deque<Request> order{};
};

SharingGetter::SharingGetter(Getter& inner) : state_(std::make_shared<State>(State{inner})) {}
SharingGetter::~SharingGetter() = default;

asio::awaitable<Response> SharingGetter::get(Request request) {
  const auto state = state_;
  std::shared_ptr<net::Once<Response>> answer;
  if (const auto known = state->answers.find(request); known != state->answers.end()) {
    answer = known->second;
  } else {
    answer = co_await net::Once<Response>::begin(state->inner.get(request));
    state->answers[request] = answer;
    state->order.push_back(std::move(request));
    state->make_room();
  }
  co_return co_await answer->result();
}

}  // namespace mailmedic::https
