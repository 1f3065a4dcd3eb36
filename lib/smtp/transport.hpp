#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "lib/net/address.hpp"
#include "lib/smtp/prober.hpp"
#include "lib/smtp/reply.hpp"
#include "lib/smtp/transcript.hpp"
#include "lib/tls/stream.hpp"

namespace mailmedic::smtp {

/// What came of waiting for a reply.
struct Received {
  Cause cause = Cause::none;  ///< none: `reply` is there
  Reply reply;
  boost::system::error_code error;
  std::string why;
};

/// Carries lines and replies over one connection, in the clear and then over TLS, and writes the transcript.
/// Each call is bounded by its limit; after one that passed, the connection is closed.
class Transport {
 public:
  using Limit = std::chrono::steady_clock::duration;

  Transport(const asio::any_io_executor& executor, Transcript& transcript) : socket_(executor), transcript_(transcript) {}

  /// From `local` where it is given and of the same family as the endpoint.
  asio::awaitable<boost::system::error_code> connect(net::Endpoint to, std::optional<net::Address> local, Limit limit);
  /// To a UNIX socket. Ends at once: there is no network to wait for.
  boost::system::error_code connect_local(const std::string& path);
  /// Bytes as they are, without a line end of ours; `shown` is what the transcript has of them.
  asio::awaitable<void> send_bytes(std::string bytes, std::string shown, Limit limit);
  /// A failed write shows at the next read, which may still find the server's last words.
  asio::awaitable<void> send(Line line, Limit limit);
  asio::awaitable<Received> receive(Limit limit);
  /// `host` for SNI and name comparison; may be empty.
  asio::awaitable<tls::Handshake> start_tls(std::string host, const tls::TrustStore& store,
                                            std::chrono::system_clock::time_point now, Limit limit);

  /// With an offer of one's own; nothing is verified.
  asio::awaitable<tls::Handshake> start_tls(tls::Offer offer, Limit limit);
  /// Asks for a second handshake; only over TLS that stands.
  asio::awaitable<tls::Renegotiation> renegotiate(Limit limit);
  /// The last session that the server gave us for later.
  tls::Resumable resumable() const { return tls_ ? tls_->resumable() : tls::Resumable{}; }

  /// The fatal TLS alert so far, also one that came after the handshake.
  std::optional<tls::Alert> alert() const { return tls_ ? tls_->alert() : std::nullopt; }

  /// Bytes that came and belong to no reply yet; they are gone then. RFC 3207 section 6: before TLS such bytes
  /// must not be taken for what comes after.
  std::string take_left_over() { return std::exchange(buffer_, {}); }
  /// Of TLS that stands; nothing without.
  std::optional<sasl::ChannelBinding> channel_binding() const;
  net::Endpoint local_endpoint() const;
  void close();

 private:
  asio::awaitable<void> write(std::string bytes, Limit limit);
  asio::awaitable<boost::system::error_code> read_more();
  Received end_of_input(boost::system::error_code error);
  void note_lines();

  boost::beast::tcp_stream socket_;
  std::optional<tls::Stream> tls_;
  Transcript& transcript_;
  ReplyParser parser_;
  std::string buffer_;
};

}  // namespace mailmedic::smtp
