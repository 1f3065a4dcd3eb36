#pragma once
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <thread>

#include "lib/net/address.hpp"

namespace mailmedic::test {

/// Passes one connection on and counts how often the server speaks after the client did: the times that a client had to
/// wait, once each way, for the network.
class CountingProxy {
 public:
  explicit CountingProxy(net::Endpoint server)
      : acceptor_(context_, {boost::asio::ip::make_address("127.0.0.1"), 0}), worker_([this, server] { pass(server); }) {}
  ~CountingProxy() { join(); }

  net::Endpoint endpoint() const { return {acceptor_.local_endpoint().address(), acceptor_.local_endpoint().port()}; }
  /// Waits for the end of the connection.
  int turns() {
    join();
    return turns_;
  }

 private:
  void join() {
    if (worker_.joinable()) worker_.join();
  }
  void pass(net::Endpoint server) {
    boost::asio::ip::tcp::socket client(context_), upstream(context_);
    acceptor_.accept(client);
    upstream.connect({server.address, server.port});
    std::array<pollfd, 2> ends{pollfd{client.native_handle(), POLLIN, 0}, pollfd{upstream.native_handle(), POLLIN, 0}};
    bool client_spoke = false;
    std::array<char, 65536> bytes;
    while (::poll(ends.data(), ends.size(), 10'000) > 0)
      for (std::size_t i = 0; i < ends.size(); ++i) {
        if (!ends[i].revents) continue;
        const auto size = ::recv(ends[i].fd, bytes.data(), bytes.size(), 0);
        if (size <= 0) return;
        const bool is_server = i == 1;
        if (is_server && client_spoke) ++turns_;
        client_spoke = !is_server;
        if (::send(ends[1 - i].fd, bytes.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) != size) return;
      }
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  int turns_ = 0;
  std::thread worker_;
};

}  // namespace mailmedic::test
