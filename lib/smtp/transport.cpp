#include "lib/smtp/transport.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "lib/net/failure.hpp"
#include "lib/tls/trust_store.hpp"

namespace mailmedic::smtp {

using boost::system::error_code;

namespace {
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

/// A server that writes twice (session tickets, then its answer to EHLO) with Nagle's algorithm on holds the second until the first
/// is acknowledged, and our kernel puts that off by 40 ms, unless it is told after each write of ours. tcp(7), RFC 1122 section 4.2.3.2
void acknowledge_at_once(asio::ip::tcp::socket& socket) {
  const int yes = 1;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof yes);  // a UNIX socket has none to set
}
}  // namespace

asio::awaitable<error_code> Transport::connect(net::Endpoint to, std::optional<net::Address> local, Limit limit) {
  const asio::ip::tcp::endpoint endpoint(to.address, to.port);
  error_code failed;
  socket_.socket().open(endpoint.protocol(), failed);
  if (failed) co_return failed;
  if (local && local->is_v6() == to.address.is_v6()) {
    const asio::ip::tcp::endpoint from(*local, 0);
    socket_.socket().bind(from, failed);
    // Not "unreachable": the address to start from is ours, and is not there.
    if (failed) co_return make_error_code(boost::system::errc::invalid_argument);
  }
  socket_.expires_after(limit);
  const auto [error] = co_await socket_.async_connect(endpoint, as_values);
  // EHLO follows the end of the handshake: by Nagle's algorithm it would wait for the peer's delayed ACK. RFC 1122 section 4.2.3.4
  error_code ignored;
  if (!error) socket_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  co_return error;
}

error_code Transport::connect_local(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return make_error_code(boost::system::errc::filename_too_long);
  std::memcpy(address.sun_path, path.data(), path.size());
  const auto last_error = [] { return error_code(errno, boost::system::system_category()); };
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return last_error();
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const error_code failed = last_error();
    ::close(socket);
    return failed;
  }
  // A stream of bytes is all that is asked of it from here on, whatever its family.
  error_code failed;
  socket_.socket().assign(asio::ip::tcp::v4(), socket, failed);
  return failed;
}

asio::awaitable<void> Transport::send_bytes(std::string bytes, std::string shown, Limit limit) {
  transcript_.sent(Line::plain(std::move(shown)), tls_.has_value());
  co_await write(std::move(bytes), limit);
}

asio::awaitable<void> Transport::send(Line line, Limit limit) {
  transcript_.sent(line, tls_.has_value());
  co_await write(line.wire + "\r\n", limit);
}

asio::awaitable<void> Transport::write(std::string bytes, Limit limit) {
  socket_.expires_after(limit);
  if (tls_)
    co_await tls_->write(bytes);
  else
    co_await asio::async_write(socket_, asio::buffer(bytes), as_values);
  acknowledge_at_once(socket_.socket());
}

asio::awaitable<error_code> Transport::read_more() {
  if (tls_) co_return co_await tls_->read(buffer_);
  char bytes[4096];
  const auto [error, size] = co_await socket_.async_read_some(asio::buffer(bytes), as_values);
  buffer_.append(bytes, size);
  co_return error;
}

asio::awaitable<Received> Transport::receive(Limit limit) {
  socket_.expires_after(limit);
  while (true) {
    buffer_.erase(0, parser_.feed(buffer_));
    note_lines();
    if (parser_.state() == ReplyParser::State::complete) {
      Received out;
      out.reply = parser_.take();
      co_return out;
    }
    if (parser_.state() != ReplyParser::State::incomplete) {
      Received out;
      out.cause = parser_.state() == ReplyParser::State::too_long ? Cause::reply_too_long : Cause::reply_malformed;
      out.why = parser_.why();
      co_return out;
    }
    const error_code error = co_await read_more();
    if (error && buffer_.empty()) co_return end_of_input(error);
  }
}

Received Transport::end_of_input(error_code error) {
  Received out;
  out.error = error;
  out.cause = net::cause_of<Cause>(error);
  if (parser_.pending().empty()) return out;
  transcript_.received(parser_.pending(), tls_.has_value());
  transcript_.note("the line above has no end");
  if (parser_.pending_is_foreign()) {
    out.cause = Cause::reply_malformed;
    out.why = "bytes that no reply starts with";
  }
  return out;
}

void Transport::note_lines() {
  for (const std::string& line : parser_.take_raw_lines()) transcript_.received(line, tls_.has_value());
}

asio::awaitable<tls::Handshake> Transport::start_tls(std::string host, const tls::TrustStore& store,
                                                     std::chrono::system_clock::time_point now, Limit limit) {
  tls::Offer offer;
  offer.host = host;
  tls_.emplace(socket_, offer);
  tls::Handshake facts = co_await tls_->handshake(std::move(host), store, now, limit);
  co_return facts;
}

asio::awaitable<tls::Handshake> Transport::start_tls(tls::Offer offer, Limit limit) {
  static const tls::TrustStore nobody = tls::TrustStore::from_pem("");
  std::string unnamed;
  const std::chrono::system_clock::time_point whenever{};
  tls_.emplace(socket_, offer);
  tls::Handshake facts = co_await tls_->handshake(std::move(unnamed), nobody, whenever, limit);
  co_return facts;
}

asio::awaitable<tls::Renegotiation> Transport::renegotiate(Limit limit) {
  const tls::Renegotiation answer = co_await tls_->renegotiate(limit);
  co_return answer;
}

std::optional<sasl::ChannelBinding> Transport::channel_binding() const {
  if (!tls_) return std::nullopt;
  tls::ChannelBinding binding = tls_->channel_binding();
  if (binding.bytes.empty()) return std::nullopt;
  return sasl::ChannelBinding{std::move(binding.type), std::move(binding.bytes)};
}

net::Endpoint Transport::local_endpoint() const {
  error_code failed;
  const auto endpoint = socket_.socket().local_endpoint(failed);
  return {net::unmapped(endpoint.address()), endpoint.port()};
}

void Transport::close() {
  error_code ignored;
  socket_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.socket().close(ignored);
}

}  // namespace mailmedic::smtp
