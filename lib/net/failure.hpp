#pragma once
#include <boost/system/error_code.hpp>

namespace mailmedic::net {

/// What the system's word about a connection means.
enum class Failure {
  none,
  refused,      ///< RST to our SYN
  reset,        ///< in the middle
  timed_out,    ///< nothing within the limit
  unreachable,  ///< no way there
  closed,       ///< the peer ended it in order
  local,        ///< our own side: no socket, no permission
};

Failure failure_of(const boost::system::error_code& error);

}  // namespace mailmedic::net
