#include "lib/reception/receiver.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/reception/connection.hpp"

namespace mailmedic::reception {

using asio::ip::tcp;

struct Receiver::Hall {
  Hall(asio::any_io_executor executor, Options given, Keep keeper) : acceptor(executor), options(std::move(given)), keep(std::move(keeper)), gate(options.gate) {}
  tcp::acceptor acceptor;
  Options options;
  Keep keep;
  Gate gate;
};

text::Parsed<std::unique_ptr<Receiver>> Receiver::open(asio::any_io_executor executor, Options options, Keep keep) {
  auto hall = std::make_shared<Hall>(std::move(executor), std::move(options), std::move(keep));
  hall->options.settings.starttls = hall->options.identity.has_value();
  const tcp::endpoint at(hall->options.at.address, hall->options.at.port);
  boost::system::error_code error;
  hall->acceptor.open(at.protocol(), error);
  if (!error) hall->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) hall->acceptor.bind(at, error);
  if (!error) hall->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return text::ParseError{0, "cannot listen on " + hall->options.at.text() + ": " + error.message()};
  return std::unique_ptr<Receiver>(new Receiver(std::move(hall)));
}

Receiver::~Receiver() { stop(); }

net::Endpoint Receiver::endpoint() const {
  boost::system::error_code ignored;
  const tcp::endpoint at = hall_->acceptor.local_endpoint(ignored);
  return {at.address(), at.port()};
}

void Receiver::stop() {
  boost::system::error_code ignored;
  hall_->acceptor.close(ignored);
}

namespace {
/// In the hall until the end, however the connection ends.
template <typename Hall>
struct Visit {
  std::shared_ptr<Hall> hall;
  net::Address address;
  ~Visit() { hall->gate.leave(address); }
};

template <typename Hall>
asio::awaitable<void> attend(std::shared_ptr<Hall> hall, tcp::socket socket, net::Endpoint client) {
  const Visit<Hall> visit{hall, client.address};
  Connection connection(std::move(socket), client, hall->options, hall->keep);
  co_await connection.run();
}
}  // namespace

asio::awaitable<void> Receiver::serve() {
  const std::shared_ptr<Hall> hall = hall_;
  constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
  while (hall->acceptor.is_open()) {
    auto [error, socket] = co_await hall->acceptor.async_accept(as_values);
    if (!hall->acceptor.is_open()) co_return;
    if (error) {  // no descriptors left, or a client that has gone: not at once again
      asio::steady_timer pause(hall->acceptor.get_executor(), std::chrono::milliseconds(100));
      co_await pause.async_wait(as_values);
      continue;
    }
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) continue;
    const net::Endpoint client{net::unmapped(peer.address()), peer.port()};
    if (!hall->gate.enter(client.address, std::chrono::steady_clock::now())) {
      // The few bytes fit into the socket's buffer, so nobody is waited for.
      constexpr std::string_view busy = "421 4.7.0 too many connections, try again later\r\n";
      socket.non_blocking(true, error);
      socket.write_some(asio::buffer(busy), error);
      continue;
    }
    asio::co_spawn(hall->acceptor.get_executor(), attend(hall, std::move(socket), client), asio::detached);
  }
}

}  // namespace mailmedic::reception
