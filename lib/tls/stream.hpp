#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "lib/tls/session.hpp"

namespace mailmedic::tls {

/// A TLS client over a connected socket, which must outlive it.
class Stream {
 public:
  using Limit = std::chrono::steady_clock::duration;

  Stream(boost::beast::tcp_stream& socket, const Offer& offer) : socket_(socket), session_(offer) {}

  /// Ends within `limit`, after which the socket is closed. Never throws for what the peer does: a failure stands in the facts. The chain is verified against `store`
  /// at `now`, and the result recorded; a connection that nobody could trust is kept open all the same.
  /// `host` is the name to compare with the certificate, empty for none.
  boost::asio::awaitable<Handshake> handshake(std::string host, const TrustStore& store,
                                              std::chrono::system_clock::time_point now, Limit limit);

  /// At least one byte of text, appended to `out`; asio::error::eof when the peer has ended. Bounded, as write(),
  /// by the socket's expires_after(), which the caller sets.
  boost::asio::awaitable<boost::system::error_code> read(std::string& out);
  boost::asio::awaitable<boost::system::error_code> write(std::string_view text);
  /// Asks for a second handshake (TLS 1.2 and older). `pending`: no answer within the limit.
  boost::asio::awaitable<Renegotiation> renegotiate(Limit limit);
  Resumable resumable() const { return session_.resumable(); }
  ChannelBinding channel_binding() const { return session_.channel_binding(); }
  /// The fatal alert so far: with TLS 1.3 one about our certificate comes after the handshake.
  std::optional<Alert> alert() const { return session_.facts().alert; }

 private:
  boost::asio::awaitable<boost::system::error_code> flush();
  boost::asio::awaitable<boost::system::error_code> fill();

  boost::beast::tcp_stream& socket_;
  Session session_;
};

}  // namespace mailmedic::tls
