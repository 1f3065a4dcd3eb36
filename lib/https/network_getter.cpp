#include "lib/https/network_getter.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/write.hpp>
#include <sstream>

#include "lib/https/answer_parser.hpp"
#include "lib/net/failure.hpp"
#include "lib/tls/stream.hpp"

namespace mailmedic::https {

namespace http = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

std::string request_text(const Request& request) {
  http::request<http::empty_body> message(http::verb::get, request.target, 11);
  const bool usual_port = request.endpoint.port == 443;
  message.set(http::field::host, usual_port ? request.host : fmt::format("{}:{}", request.host, request.endpoint.port));
  message.set(http::field::user_agent, "mailmedic");
  message.set(http::field::accept, "*/*");
  message.set(http::field::connection, "close");
  std::ostringstream text;
  text << message.base();
  return text.str();
}

/// What may go into a request line and a Host field: a line end there would begin a second request.
bool is_sendable(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

/// One request under way.
class Run {
 public:
  Run(Response& response, const NetworkOptions& options, const asio::any_io_executor& executor)
      : response_(response), options_(options), socket_(executor) {}

  asio::awaitable<void> operator()(const tls::TrustStore& store, std::chrono::system_clock::time_point now) {
    if (!is_sendable(response_.request.target) || !is_sendable(response_.request.host)) {
      stop(Stage::connect, Cause::local_error, "the address holds a character that cannot be sent");
      co_return;
    }
    if (!co_await connect()) co_return;
    tls::Offer offer;
    offer.host = response_.request.host;
    offer.alpn = "http/1.1";
    tls::Stream stream(socket_, offer);
    if (co_await shake_hands(stream, store, now)) co_await exchange(stream);
    socket_.close();
  }

 private:
  void stop(Stage stage, Cause cause, std::string why) {
    response_.stopped_at = stage;
    response_.cause = cause;
    response_.why = std::move(why);
  }
  Clock::duration left() const { return started_ + options_.total - Clock::now(); }
  /// Of the next step: never beyond the limit of all.
  Clock::duration limit() const { return std::clamp<Clock::duration>(left(), std::chrono::milliseconds(1), options_.timeout); }

  asio::awaitable<bool> connect() {
    const net::Endpoint& to = response_.connected_to;
    const asio::ip::tcp::endpoint endpoint(to.address, to.port);
    error_code failed;
    socket_.socket().open(endpoint.protocol(), failed);
    if (!failed && options_.bind_address && options_.bind_address->is_v6() == to.address.is_v6()) {
      const asio::ip::tcp::endpoint from(*options_.bind_address, 0);
      socket_.socket().bind(from, failed);
      if (failed) {
        stop(Stage::connect, Cause::local_error, "cannot connect from " + options_.bind_address->to_string());
        co_return false;
      }
    }
    if (!failed) {
      socket_.expires_after(limit());
      const auto [error] = co_await socket_.async_connect(endpoint, as_values);
      failed = error;
      error_code ignored;
      if (!error) socket_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    }
    if (!failed) co_return true;
    stop(Stage::connect, net::cause_of<Cause>(failed), failed.message());
    response_.error = failed;
    co_return false;
  }

  asio::awaitable<bool> shake_hands(tls::Stream& stream, const tls::TrustStore& store, std::chrono::system_clock::time_point now) {
    response_.handshake = co_await stream.handshake(response_.request.host, store, now, limit());
    response_.stopped_at = Stage::tls;
    if (!response_.handshake->completed) stop(Stage::tls, Cause::tls_failed, response_.handshake->error);
    co_return response_.handshake->completed && !response_.request.handshake_only;
  }

  asio::awaitable<void> exchange(tls::Stream& stream) {
    AnswerParser parser(response_);
    socket_.expires_after(limit());
    const std::string request = request_text(response_.request);
    co_await stream.write(request);  // a failure shows at the next read, which may still find the server's words
    std::string bytes;
    while (true) {
      socket_.expires_after(limit());
      bytes.clear();
      const error_code error = co_await stream.read(bytes);
      if (!bytes.empty() && parser.receive(bytes)) co_return;
      if (!error) continue;
      parser.end();
      // An answer without a length is whole at an orderly end, and at no other.
      if (error != asio::error::eof) end_by(error);
      co_return;
    }
  }

  void end_by(const error_code& error) {
    const bool all_time_passed = error == boost::beast::error::timeout && left() <= Clock::duration::zero();
    response_.cause = all_time_passed ? Cause::too_slow : net::cause_of<Cause>(error);
    response_.error = error;
    response_.why = error.message();
  }

  Response& response_;
  const NetworkOptions& options_;
  boost::beast::tcp_stream socket_;
  const Clock::time_point started_ = Clock::now();
};
}  // namespace

asio::awaitable<Response> NetworkGetter::get(Request request) {
  const auto executor = co_await asio::this_coro::executor;
  const auto started = Clock::now();
  Response response;
  response.connected_to = net::redirected(options_.connect_to, request.host, request.endpoint);
  response.request = std::move(request);
  Run run(response, options_, executor);
  co_await run(store_, now_);
  response.duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started);
  co_return response;
}

}  // namespace mailmedic::https
