#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "lib/net/address.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::dns {

/// Answers DNS messages over UDP and TCP at one address: what the demonstration's world and the tests ask. Not for
/// the internet: no rate limit, at most 64 connections of TCP, each for 10 seconds.
class Server {
 public:
  /// The reply to one message; empty for none. dns::respond over a Zone, or whatever a test wants to see.
  using Responder = std::function<std::string(std::string_view query, bool over_udp)>;

  /// Port 0 takes a free one. The error says which of UDP and TCP could not be bound and why.
  static text::Parsed<Server> listen(boost::asio::any_io_executor executor, net::Endpoint at, Responder responder);

  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();

  net::Endpoint endpoint() const;

 private:
  class Listener;
  explicit Server(std::shared_ptr<Listener> listener);
  std::shared_ptr<Listener> listener_;
};

}  // namespace mailmedic::dns
