#include "lib/dns/server.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace mailmedic::dns {

namespace asio = boost::asio;

namespace {
constexpr auto await = asio::as_tuple(asio::use_awaitable);
constexpr int max_connections = 64;
constexpr std::chrono::seconds connection_life{10};

void rethrow(std::exception_ptr thrown) {
  if (thrown) std::rethrow_exception(thrown);
}
}  // namespace

class Server::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(asio::any_io_executor executor, Responder responder)
      : udp_(executor), tcp_(executor), responder_(std::move(responder)) {}

  boost::system::error_code bind(const net::Endpoint& at) {
    boost::system::error_code failed;
    const asio::ip::udp::endpoint udp_at(at.address, at.port);
    udp_.open(udp_at.protocol(), failed);
    if (!failed) udp_.bind(udp_at, failed);
    if (failed) return failed;
    const asio::ip::tcp::endpoint tcp_at(at.address, udp_.local_endpoint().port());
    tcp_.open(tcp_at.protocol(), failed);
    if (!failed) tcp_.set_option(asio::socket_base::reuse_address(true), failed);
    if (!failed) tcp_.bind(tcp_at, failed);
    if (!failed) tcp_.listen(asio::socket_base::max_listen_connections, failed);
    return failed;
  }

  void start() {
    asio::co_spawn(udp_.get_executor(), serve_udp(shared_from_this()), rethrow);
    asio::co_spawn(tcp_.get_executor(), serve_tcp(shared_from_this()), rethrow);
  }

  void stop() {
    boost::system::error_code ignored;
    udp_.close(ignored);
    tcp_.close(ignored);
  }

  net::Endpoint endpoint() const { return {udp_.local_endpoint().address(), udp_.local_endpoint().port()}; }

 private:
  static asio::awaitable<void> serve_udp(std::shared_ptr<Listener> self) {
    std::array<char, 4096> buffer;
    asio::ip::udp::endpoint peer;
    while (self->udp_.is_open()) {
      const auto [failed, size] = co_await self->udp_.async_receive_from(asio::buffer(buffer), peer, await);
      if (failed == asio::error::operation_aborted) co_return;
      if (failed) continue;
      const std::string reply = self->responder_({buffer.data(), size}, true);
      if (reply.empty()) continue;
      co_await self->udp_.async_send_to(asio::buffer(reply), peer, await);
    }
  }

  static asio::awaitable<void> serve_tcp(std::shared_ptr<Listener> self) {
    while (self->tcp_.is_open()) {
      auto [failed, connection] = co_await self->tcp_.async_accept(await);
      if (failed == asio::error::operation_aborted || !self->tcp_.is_open()) co_return;
      if (failed || self->connections_ >= max_connections) continue;
      ++self->connections_;
      asio::co_spawn(self->tcp_.get_executor(), serve_connection(self, std::move(connection)), rethrow);
    }
  }

  static asio::awaitable<void> serve_connection(std::shared_ptr<Listener> self, asio::ip::tcp::socket connection) {
    asio::steady_timer life(connection.get_executor(), connection_life);
    life.async_wait([&connection](boost::system::error_code cancelled) {
      boost::system::error_code ignored;
      if (!cancelled) connection.close(ignored);
    });
    for (;;) {
      unsigned char head[2] = {};
      const auto [head_failed, head_size] = co_await asio::async_read(connection, asio::buffer(head), await);
      if (head_failed) break;
      std::string query(static_cast<std::size_t>(head[0]) << 8 | head[1], '\0');
      const auto [failed, size] = co_await asio::async_read(connection, asio::buffer(query), await);
      if (failed) break;
      std::string reply = self->responder_(query, false);
      if (reply.empty() || reply.size() > 0xffff) break;
      reply.insert(0, {static_cast<char>(reply.size() >> 8), static_cast<char>(reply.size() & 255)});
      const auto [write_failed, written] = co_await asio::async_write(connection, asio::buffer(reply), await);
      if (write_failed) break;
    }
    --self->connections_;
  }

  asio::ip::udp::socket udp_;
  asio::ip::tcp::acceptor tcp_;
  Responder responder_;
  int connections_ = 0;
};

Server::Server(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() {
  if (listener_) listener_->stop();
}

net::Endpoint Server::endpoint() const { return listener_->endpoint(); }

text::Parsed<Server> Server::listen(asio::any_io_executor executor, net::Endpoint at, Responder responder) {
  auto listener = std::make_shared<Listener>(std::move(executor), std::move(responder));
  if (const auto failed = listener->bind(at)) return text::ParseError{0, at.text() + ": " + failed.message()};
  listener->start();
  return Server(std::move(listener));
}

}  // namespace mailmedic::dns
