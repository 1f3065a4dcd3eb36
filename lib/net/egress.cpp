#include "lib/net/egress.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

namespace mailmedic::net {

std::optional<Address> egress_address(bool ipv6) {
  // A root name server stands for the internet: connecting a UDP socket only looks up the route.
  const Address far = boost::asio::ip::make_address(ipv6 ? "2001:503:ba3e::2:30" : "198.41.0.4");
  boost::asio::io_context context;
  boost::asio::ip::udp::socket socket(context);
  boost::system::error_code failed;
  socket.connect({far, 53}, failed);
  if (failed) return std::nullopt;
  const auto local = socket.local_endpoint(failed);
  if (failed || local.address().is_unspecified()) return std::nullopt;
  return local.address();
}

}  // namespace mailmedic::net
