#include "lib/spam/ask.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>

namespace mailmedic::spam {

namespace asio = boost::asio;

namespace {
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t most_bytes = 4 * 1024 * 1024;

/// A header line, or nothing where the value is empty. What could end the line or begin another is left out.
std::string field(std::string_view name, std::string value) {
  std::erase_if(value, [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; });
  return value.empty() ? std::string() : fmt::format("{}: {}\r\n", name, value.substr(0, 500));
}

/// An error text, or empty; the answer up to the end of the connection.
template <typename Protocol>
asio::awaitable<std::string> exchange(typename Protocol::endpoint to, std::string request, std::chrono::steady_clock::duration limit, std::string& answer) {
  boost::beast::basic_stream<Protocol, asio::any_io_executor> socket(co_await asio::this_coro::executor);
  socket.expires_after(limit);
  const auto [refused] = co_await socket.async_connect(to, as_values);
  if (refused) co_return "no connection: " + refused.message();
  const auto [broken, sent] = co_await asio::async_write(socket, asio::buffer(request), as_values);
  if (broken) co_return "the message could not be sent: " + broken.message();
  char buffer[16384];
  while (answer.size() <= most_bytes) {
    const auto [error, size] = co_await socket.async_read_some(asio::buffer(buffer), as_values);
    answer.append(buffer, size);
    if (error == asio::error::eof) co_return std::string();
    if (error) co_return "no answer: " + error.message();
  }
  co_return "the answer is too long";
}
}  // namespace

std::string request_for(const Engine& engine, std::string_view message, const Circumstances& circumstances) {
  std::string out;
  if (engine.kind == Engine::Kind::spamd) out = fmt::format("REPORT SPAMC/1.5\r\nContent-length: {}\r\n\r\n", message.size());
  else
    out = fmt::format("POST /checkv2 HTTP/1.0\r\nHost: rspamd\r\nConnection: close\r\nContent-Length: {}\r\n{}{}{}\r\n", message.size(), field("IP", circumstances.ip), field("Helo", circumstances.helo),
                      field("From", circumstances.from));
  out += message;
  return out;
}

asio::awaitable<text::Parsed<Verdict>> ask(Engine engine, std::string message, Circumstances circumstances, std::chrono::steady_clock::duration limit) {
  std::string request = request_for(engine, message, circumstances), answer, wrong;
  if (engine.socket_path.empty()) {
    const asio::ip::tcp::endpoint to(engine.endpoint.address, engine.endpoint.port);
    wrong = co_await exchange<asio::ip::tcp>(to, std::move(request), limit, answer);
  } else {
    if (engine.socket_path.size() > 100) co_return text::ParseError{0, "the socket's path is too long"};
    const asio::local::stream_protocol::endpoint to(engine.socket_path);
    wrong = co_await exchange<asio::local::stream_protocol>(to, std::move(request), limit, answer);
  }
  if (!wrong.empty()) co_return text::ParseError{0, wrong};
  if (engine.kind == Engine::Kind::spamd) co_return read_spamd(answer);
  co_return read_rspamd(answer);
}

}  // namespace mailmedic::spam
