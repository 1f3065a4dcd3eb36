#pragma once
// One GET over HTTPS: what every step showed. No judgement: a document comes with any certificate, and what a verifier
// says of it stands beside it.
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "lib/net/address.hpp"
#include "lib/tls/handshake.hpp"

namespace mailmedic::https {

namespace asio = boost::asio;

struct Request {
  net::Endpoint endpoint;
  std::string host{};                ///< ASCII, for Host, SNI and the comparison with the certificate
  std::string target = "/";          ///< path and query, as they go into the request line
  std::size_t body_limit = 64 * 1024;  ///< bytes of the body; a longer one is not read to its end
  bool handshake_only = false;       ///< close after the TLS handshake: nothing is asked for

  auto operator<=>(const Request&) const = default;
};

enum class Stage { connect, tls, header, body };
std::string_view stage_text(Stage stage);  ///< for machines: "header"

/// Why it stopped before its end.
enum class Cause {
  none,         ///< it did not
  refused,      ///< the connection was refused
  reset,        ///< the connection was reset
  timed_out,    ///< nothing within the limit of a step: nothing can be told
  too_slow,     ///< bytes came, and the whole answer took longer than the limit of all
  unreachable,  ///< no way there
  closed,       ///< the server ended the connection before the end of its answer
  tls_failed,   ///< Response::handshake says how
  malformed,    ///< not HTTP
  header_too_large,
  body_too_large,
  local_error,  ///< our own side
};
std::string_view cause_text(Cause cause);

struct Response {
  Request request;
  net::Endpoint connected_to;          ///< differs from the request's where a --connect-to rule applied
  Stage stopped_at = Stage::connect;   ///< where `cause` came up
  Cause cause = Cause::none;
  boost::system::error_code error{};   ///< the system's, where there is one
  std::string why{};                   ///< in English, for a cause
  std::optional<tls::Handshake> handshake{};
  int status = 0;                      ///< 0: none came
  std::string reason{};                ///< behind the status, as it stands
  std::string content_type{};          ///< as it stands; empty: none
  std::string media_type{};            ///< of it, in lower case and without parameters: "text/plain"
  std::string location{};              ///< where a redirect points; it is never followed
  std::string body{};                  ///< as far as it came, up to the limit
  std::chrono::microseconds duration{0};

  /// Did a whole answer come, of whatever status? For handshake_only: did the handshake end well?
  bool is_complete() const { return cause == Cause::none; }
  /// "192.0.2.1:443"
  std::string endpoint() const { return request.endpoint.text(); }
};

/// How far it came, for who has to tell facts about a server from trouble of our own.
enum class Reach {
  answered,   ///< the server, or something that stands for it, did what is told
  silent,     ///< a limit passed or a router said no: may be the server, may be our network
  local,      ///< our own machine has no way there, or failed otherwise: says nothing about the server
};
Reach reach_of(const Response& response);

/// Asks web servers. Implementations: NetworkGetter, SharingGetter in front of another.
class Getter {
 public:
  virtual ~Getter() = default;
  /// Never throws for what the network does. Bounded in time and in bytes. Redirects are not followed.
  virtual asio::awaitable<Response> get(Request request) = 0;
};

}  // namespace mailmedic::https
