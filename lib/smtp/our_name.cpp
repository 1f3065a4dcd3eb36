#include "lib/smtp/our_name.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/host_name.hpp>

namespace mailmedic::smtp {

std::string address_literal(const net::Address& address) { return fmt::format("[{}{}]", address.is_v6() ? "IPv6:" : "", address.to_string()); }

std::string our_name(const net::Address* local) {
  boost::system::error_code failed;
  const std::string name = boost::asio::ip::host_name(failed);
  const bool full = !failed && name.find('.') != std::string::npos && !name.ends_with('.') && !name.ends_with(".localdomain");
  if (full) return name;
  return local ? address_literal(*local) : "localhost";
}

}  // namespace mailmedic::smtp
