#include "lib/smtp/our_name.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/host_name.hpp>

namespace mailmedic::smtp {

std::string our_name(const net::Address* local) {
  boost::system::error_code failed;
  const std::string name = boost::asio::ip::host_name(failed);
  const bool full = !failed && name.find('.') != std::string::npos && !name.ends_with('.') && !name.ends_with(".localdomain");
  if (full) return name;
  return local ? fmt::format("[{}{}]", local->is_v6() ? "IPv6:" : "", local->to_string()) : "localhost";
}

}  // namespace mailmedic::smtp
