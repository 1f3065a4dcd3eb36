#include "lib/reception/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <algorithm>

#include "lib/reception/proxy.hpp"

namespace mailmedic::reception {

namespace {
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
}

Connection::Connection(asio::ip::tcp::socket socket, net::Endpoint client, const Options& options, const Receiver::Keep& keep)
    : socket_(std::move(socket)), options_(options), keep_(keep), end_(std::chrono::steady_clock::now() + options.session), dialogue_(options.settings) {
  about_.client = client;
  boost::system::error_code ignored;
  const auto local = socket_.socket().local_endpoint(ignored);
  about_.local = {net::unmapped(local.address()), local.port()};
}

void Connection::limit() { socket_.expires_at(std::min(end_, std::chrono::steady_clock::now() + options_.patience)); }

asio::awaitable<bool> Connection::write(std::string bytes) {
  if (bytes.empty()) co_return true;
  limit();
  const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes), as_values);
  co_return !error;
}

asio::awaitable<bool> Connection::flush() {
  std::string bytes = dialogue_.take_output();
  if (tls_) {
    tls_->send(bytes);
    bytes = tls_->take_output();
  }
  const bool written = co_await write(std::move(bytes));
  co_return written;
}

asio::awaitable<bool> Connection::read() {
  char buffer[16384];
  while (true) {
    if (tls_) {
      input_ += tls_->take_plaintext();
      if (!input_.empty()) co_return true;
      if (tls_->state() != tls::ServerSession::State::open) co_return false;
    }
    limit();
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(buffer), as_values);
    if (error) co_return false;
    const std::string_view bytes(buffer, size);
    if (!tls_) {
      input_ += bytes;
      co_return true;
    }
    tls_->receive(bytes);
    std::string answer = tls_->take_output();  // key updates, alerts
    const bool written = co_await write(std::move(answer));
    if (!written) co_return false;
  }
}

asio::awaitable<bool> Connection::take_proxy_header() {
  while (true) {
    const ProxyStart start = read_proxy(input_);
    if (start.state == ProxyStart::State::broken) co_return false;
    if (start.state == ProxyStart::State::complete) {
      if (start.client) about_.client = *start.client;
      input_.erase(0, start.size);
      co_return true;
    }
    const bool more = co_await read();
    if (!more) co_return false;
  }
}

asio::awaitable<void> Connection::greet() {
  asio::steady_timer timer(socket_.get_executor(), options_.greeting_delay);
  co_await timer.async_wait(as_values);
  boost::system::error_code ignored;
  about_.spoke_early = !input_.empty() || socket_.socket().available(ignored) > 0;
  if (about_.spoke_early) dialogue_.transcript().note("the client spoke before the greeting");
  dialogue_.greet();
}

asio::awaitable<bool> Connection::start_tls() {
  about_.text_before_tls = input_.substr(0, 512);
  input_.clear();
  tls_.emplace(*options_.identity);
  char buffer[16384];
  while (tls_->state() == tls::ServerSession::State::handshaking) {
    limit();
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(buffer), as_values);
    if (error) co_return false;
    tls_->receive(std::string_view(buffer, size));
    std::string answer = tls_->take_output();
    const bool written = co_await write(std::move(answer));
    if (!written) co_return false;
  }
  if (tls_->state() == tls::ServerSession::State::failed) co_return false;
  about_.tls = tls_->facts();
  dialogue_.transcript().note(about_.tls->protocol + " " + about_.tls->cipher);
  dialogue_.on_tls();
  co_return true;
}

void Connection::keep() {
  Delivered message = about_;
  message.arrival = dialogue_.take_arrival();
  message.transcript = dialogue_.transcript();
  message.at = std::chrono::system_clock::now();
  const Kept kept = keep_(std::move(message));
  if (kept.trouble.empty()) dialogue_.on_kept(kept.id);
  else dialogue_.on_lost(kept.trouble);
}

asio::awaitable<void> Connection::run() {
  if (options_.proxy_protocol) {
    const bool known = co_await take_proxy_header();
    if (!known) co_return;
  }
  co_await greet();
  while (true) {
    std::string_view left = input_;
    const Dialogue::Event event = dialogue_.take(left);
    input_.erase(0, input_.size() - left.size());
    if (event == Dialogue::Event::message) {
      keep();
      continue;
    }
    const bool written = co_await flush();
    if (!written || event == Dialogue::Event::close) break;
    bool more = false;
    if (event == Dialogue::Event::start_tls) more = co_await start_tls();
    else more = co_await read();
    if (!more) break;
  }
  boost::system::error_code ignored;
  socket_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
}

}  // namespace mailmedic::reception
