#pragma once
// Listens on a port and takes messages. Every client is bounded in time, bytes and number.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lib/reception/dialogue.hpp"
#include "lib/reception/gate.hpp"
#include "lib/tls/server_session.hpp"

namespace mailmedic::reception {

namespace asio = boost::asio;

struct Options {
  net::Endpoint at;                                ///< port 0: any that is free
  Settings settings;                               ///< STARTTLS is offered where there is an identity
  std::optional<tls::ServerIdentity> identity{};
  bool proxy_protocol = false;                     ///< each connection must begin with a PROXY header, whose client is believed
  GateLimits gate{};
  std::chrono::milliseconds greeting_delay{200};   ///< who speaks before it is over did not wait for the greeting
  std::chrono::seconds patience{300};              ///< for the next bytes. RFC 5321 section 4.5.3.2.7: at least five minutes
  std::chrono::seconds session{1800};              ///< for everything
};

/// A message and how it came.
struct Delivered {
  Arrival arrival;
  net::Endpoint client;                ///< as the PROXY header says where one is wanted
  net::Endpoint local;                 ///< where it connected to
  std::optional<tls::ClientTls> tls{};
  bool spoke_early = false;            ///< before the greeting. RFC 5321 section 4.3.1
  std::string text_before_tls{};       ///< clear text behind STARTTLS, thrown away; at most 512 bytes
  smtp::Transcript transcript{};       ///< so far
  std::chrono::system_clock::time_point at{};
};

/// What became of it: a name under which it is safe, or why it could not be kept (then the client is to try again).
struct Kept {
  std::string id, trouble;
};

class Receiver {
 public:
  using Keep = std::function<Kept(Delivered)>;

  /// Begins to listen; the error says where that failed. `keep` is called for each message in turn, and answers before the
  /// client hears that its message was taken.
  static text::Parsed<std::unique_ptr<Receiver>> open(asio::any_io_executor executor, Options options, Keep keep);
  ~Receiver();

  net::Endpoint endpoint() const;
  /// Until stop().
  asio::awaitable<void> serve();
  void stop();

 private:
  struct Hall;
  explicit Receiver(std::shared_ptr<Hall> hall) : hall_(std::move(hall)) {}
  std::shared_ptr<Hall> hall_;
};

}  // namespace mailmedic::reception
