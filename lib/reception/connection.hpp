#pragma once
// One client. For receiver.cpp.
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "lib/reception/receiver.hpp"

namespace mailmedic::reception {

class Connection {
 public:
  /// `options` and `keep` must outlive it.
  Connection(asio::ip::tcp::socket socket, net::Endpoint client, const Options& options, const Receiver::Keep& keep);
  /// From the greeting to the end. Never throws for what the client does.
  asio::awaitable<void> run();

 private:
  asio::awaitable<bool> take_proxy_header();
  asio::awaitable<void> greet();
  asio::awaitable<bool> start_tls();
  /// Bytes of the client, decrypted, behind input_; false at the end of all.
  asio::awaitable<bool> read();
  asio::awaitable<bool> write(std::string bytes);
  asio::awaitable<bool> flush();
  void limit();
  void keep();

  boost::beast::tcp_stream socket_;
  const Options& options_;
  const Receiver::Keep& keep_;
  std::chrono::steady_clock::time_point end_;
  Dialogue dialogue_;
  std::optional<tls::ServerSession> tls_;
  Delivered about_;  ///< what all messages of this client have in common
  std::string input_;
};

}  // namespace mailmedic::reception
