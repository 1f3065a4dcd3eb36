#include "lib/net/failure.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>

namespace mailmedic::net {

Failure failure_of(const boost::system::error_code& error) {
  namespace errc = boost::system::errc;
  if (!error) return Failure::none;
  if (error == boost::beast::error::timeout || error == errc::timed_out) return Failure::timed_out;
  if (error == errc::connection_refused) return Failure::refused;
  if (error == errc::connection_reset || error == errc::connection_aborted || error == errc::broken_pipe) return Failure::reset;
  if (error == boost::asio::error::eof) return Failure::closed;
  // The last two are what a machine without IPv6 says.
  if (error == errc::network_unreachable || error == errc::host_unreachable || error == errc::network_down ||
      error == errc::address_not_available || error == errc::address_family_not_supported)
    return Failure::unreachable;
  return Failure::local;
}

}  // namespace mailmedic::net
