#include "lib/smtp/network_prober.hpp"

#include <boost/asio/this_coro.hpp>

#include "lib/smtp/session.hpp"

namespace mailmedic::smtp {

asio::awaitable<Probe> NetworkProber::probe(ProbeRequest request) {
  const auto executor = co_await asio::this_coro::executor;
  Probe probe;
  probe.connected_to = net::redirected(options_.connect_to, request.host, request.endpoint);
  probe.request = std::move(request);
  hide_credentials(probe);
  Session session(probe, options_, executor);
  co_await session.converse(store_, now_);
  session.close();
  co_return probe;
}

}  // namespace mailmedic::smtp
