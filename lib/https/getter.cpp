#include "lib/https/getter.hpp"

#include <boost/system/errc.hpp>

namespace mailmedic::https {

std::string_view stage_text(Stage stage) {
  constexpr std::string_view words[] = {"connect", "tls", "header", "body"};
  return words[static_cast<std::size_t>(stage)];
}

std::string_view cause_text(Cause cause) {
  switch (cause) {
    case Cause::none: return "none";
    case Cause::refused: return "refused";
    case Cause::reset: return "reset";
    case Cause::timed_out: return "timed_out";
    case Cause::too_slow: return "too_slow";
    case Cause::unreachable: return "unreachable";
    case Cause::closed: return "closed";
    case Cause::tls_failed: return "tls_failed";
    case Cause::malformed: return "malformed";
    case Cause::header_too_large: return "header_too_large";
    case Cause::body_too_large: return "body_too_large";
    case Cause::local_error: return "local_error";
  }
  return "none";
}

Reach reach_of(const Response& response) {
  namespace errc = boost::system::errc;
  switch (response.cause) {
    case Cause::timed_out: return Reach::silent;
    case Cause::local_error: return Reach::local;
    // EHOSTUNREACH comes from a router on the way, or from our link when the next hop is dead; the others are
    // answers of our own routing table.
    case Cause::unreachable: return response.error == errc::host_unreachable ? Reach::silent : Reach::local;
    case Cause::tls_failed:
      if (!response.handshake) return Reach::local;
      if (response.handshake->failure == tls::Failure::timed_out) return Reach::silent;
      return response.handshake->failure == tls::Failure::local ? Reach::local : Reach::answered;
    default: return Reach::answered;
  }
}

}  // namespace mailmedic::https
