#include "checks/smtp/reach.hpp"

namespace mailmedic::smtp {

Reach reach_of(const Probe& probe) {
  namespace errc = boost::system::errc;
  if (probe.stopped_at != Stage::connect) return Reach::accepted;
  switch (probe.cause) {
    case Cause::refused:
    case Cause::reset: return Reach::refused;
    case Cause::timed_out: return Reach::silent;
    case Cause::unreachable:
      // EHOSTUNREACH comes from a router on the way, or from our link when the next hop is dead; the others are
      // answers of our own routing table.
      return probe.error == errc::host_unreachable ? Reach::silent : Reach::no_route_here;
    default: return Reach::local;
  }
}

}  // namespace mailmedic::smtp
