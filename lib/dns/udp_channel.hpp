#pragma once
// One connected UDP socket to one resolver; inside lib/dns only.
#include <boost/asio/ip/udp.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/net/address.hpp"

namespace mailmedic::dns {

struct PendingQuestion;

/// Sends messages and hands what arrives to a listener, many a system call. The kernel lets only the server's own
/// messages through, as the socket is connected.
class UdpChannel : public std::enable_shared_from_this<UdpChannel> {
 public:
  struct Listener {
    virtual ~Listener() = default;
    virtual void on_message(UdpChannel& channel, std::string_view message) = 0;
    /// The messages of these ids left just now.
    virtual void on_sent(UdpChannel& channel, const std::vector<std::uint16_t>& ids) = 0;
    /// The network refused: nobody listens there, or there is no way to it. Everything open here failed.
    virtual void on_failure(UdpChannel& channel, const std::string& why) = 0;
  };

  /// The listener must outlive the channel's last event; close() ends events.
  UdpChannel(boost::asio::any_io_executor executor, net::Endpoint server, Listener& listener);

  /// A source port of the system's random choice; an error text when the socket cannot be had.
  std::optional<std::string> open(const std::optional<net::Address>& bind);
  void send(std::uint16_t id, std::string message);
  void close();

  std::unordered_map<std::uint16_t, PendingQuestion*> open_questions;  ///< by message id
  std::size_t uses = 0;                                                ///< questions ever asked through it

 private:
  void flush();
  void wait_to_read();
  void wait_to_write();
  void read_all();

  boost::asio::ip::udp::socket socket_;
  net::Endpoint server_;
  Listener& listener_;
  struct Outgoing {
    std::uint16_t id;
    std::string message;
  };
  std::vector<Outgoing> outbox_;
  bool flushing_ = false;
};

}  // namespace mailmedic::dns
