#include "lib/tls/stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>

namespace mailmedic::tls {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

Failure failure_of(const error_code& error) {
  if (error == boost::beast::error::timeout) return Failure::timed_out;
  if (error == asio::error::eof || error == asio::error::broken_pipe) return Failure::closed;
  if (error == asio::error::connection_reset) return Failure::reset;
  return Failure::local;
}
}  // namespace

asio::awaitable<error_code> Stream::flush() {
  const std::string bytes = session_.take_output();
  if (bytes.empty()) co_return error_code();
  const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes), as_values);
  co_return error;
}

asio::awaitable<error_code> Stream::fill() {
  char buffer[4096];
  const auto [error, size] = co_await socket_.async_read_some(asio::buffer(buffer), as_values);
  session_.receive(std::string_view(buffer, size));
  co_return error;
}

asio::awaitable<Handshake> Stream::handshake(std::string host, const TrustStore& store,
                                             std::chrono::system_clock::time_point now, Limit limit) {
  const auto started = std::chrono::steady_clock::now();
  socket_.expires_after(limit);
  error_code error = co_await flush();
  while (session_.state() == Session::State::handshaking) {
    // A peer that has reset the connection may still have left an alert to read, so a failed write is no end.
    const error_code read_error = co_await fill();
    if (read_error && session_.state() == Session::State::handshaking)
      session_.fail(failure_of(read_error), read_error.message());
    error = co_await flush();
  }
  Handshake facts = session_.facts();
  facts.duration =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
  facts.verification = verify(facts.chain, host, store, now);
  facts.staple = read_staple(facts.ocsp_response, facts.chain, store);
  co_return facts;
}

asio::awaitable<error_code> Stream::read(std::string& out) {
  while (true) {
    const std::string text = session_.take_plaintext();
    if (!text.empty()) {
      out += text;
      co_return error_code();
    }
    if (session_.state() != Session::State::open) co_return error_code(asio::error::eof);
    const error_code error = co_await fill();
    co_await flush();  // key updates, alerts
    if (error && session_.state() == Session::State::open) {
      // Whatever came with the end is taken first, the end is met again at the next call.
      const std::string last = session_.take_plaintext();
      out += last;
      co_return last.empty() ? error : error_code();
    }
  }
}

asio::awaitable<Renegotiation> Stream::renegotiate(Limit limit) {
  socket_.expires_after(limit);
  session_.renegotiate();
  co_await flush();
  while (session_.renegotiation() == Renegotiation::pending) {
    const error_code error = co_await fill();
    co_await flush();
    if (!error || session_.renegotiation() != Renegotiation::pending) continue;
    co_return error == boost::beast::error::timeout ? Renegotiation::pending : Renegotiation::refused;
  }
  co_return session_.renegotiation();
}

asio::awaitable<error_code> Stream::write(std::string_view text) {
  session_.send(text);
  co_return co_await flush();
}

}  // namespace mailmedic::tls
