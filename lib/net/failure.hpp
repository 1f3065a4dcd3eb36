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

/// The same among the causes of a protocol, which has a word for each of these and more of its own.
template <typename Cause>
Cause cause_of(const boost::system::error_code& error) {
  switch (failure_of(error)) {
    case Failure::none: return Cause::none;
    case Failure::refused: return Cause::refused;
    case Failure::reset: return Cause::reset;
    case Failure::timed_out: return Cause::timed_out;
    case Failure::unreachable: return Cause::unreachable;
    case Failure::closed: return Cause::closed;
    case Failure::local: break;
  }
  return Cause::local_error;
}

}  // namespace mailmedic::net
