#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/address.hpp"
#include "lib/smtp/dialogue.hpp"
#include "lib/smtp/proxy_header.hpp"
#include "lib/smtp/transcript.hpp"
#include "lib/tls/handshake.hpp"

namespace mailmedic::smtp {

namespace asio = boost::asio;

struct ProbeRequest {
  net::Endpoint endpoint;
  std::string socket_path{};  ///< of a UNIX socket, instead of the endpoint
  std::string host{};  ///< the MX or the name that the user gave: for SNI and name comparison; may be empty
  std::string helo{};  ///< empty: the prober's own
  Encryption encryption = Encryption::starttls_if_offered;
  Stage quit_after = Stage::ehlo_after_tls;
  std::optional<std::string> mail_from{}, rcpt_to{};
  MailWishes wishes{};
  bool drop = false;                         ///< behind the last stage just close, without QUIT
  bool await_quit = false;                   ///< wait for the reply to QUIT too, which is mere courtesy
  bool lmtp = false;                         ///< RFC 2033
  std::chrono::seconds greeting_patience{0}; ///< for the banner alone; 0: as for each step. RFC 5321 section 4.5.3.2.1 has 5 minutes
  std::optional<ProxyHeader> proxy{};        ///< said before anything else
  std::vector<std::pair<std::string, std::string>> xclient{};
  std::optional<LoginRequest> login{};

  /// Where it leads, for people: "192.0.2.1:25" or the socket's path.
  std::string place() const { return socket_path.empty() ? endpoint.text() : socket_path; }
  auto operator<=>(const ProbeRequest&) const = default;
};

/// One step as it went, for the report of times.
struct StageRecord {
  enum class Outcome { passed, rejected /* the reply said no */, failed /* there was no proper reply */ };
  Stage stage = Stage::connect;
  std::chrono::microseconds started{0}, duration{0};  ///< since the start of the probe; until the end of the reply
  Outcome outcome = Outcome::passed;
};
std::string_view outcome_text(StageRecord::Outcome outcome);

/// What one connection showed, from connect to QUIT, however far it went.
struct Probe : Conversation {
  ProbeRequest request;
  net::Endpoint connected_to;     ///< differs from the request's where a --connect-to rule applied
  std::string our_name;           ///< what we said in EHLO
  net::Address our_address{};     ///< where we connected from; of no use for a UNIX socket
  std::vector<StageRecord> stages;
  boost::system::error_code error;  ///< the system's, for a cause that has one: ENETUNREACH, EHOSTUNREACH, ...
  std::string why;                  ///< in English: what was wrong with a malformed reply, or with our side
  std::optional<tls::Handshake> handshake;
  Transcript transcript;
  bool bare_lf = false;             ///< some reply had a line that ended in LF alone
  std::string text_before_tls;      ///< clear text behind the reply to STARTTLS, discarded (RFC 3207 section 6)

  const StageRecord* stage(Stage stage) const;
  /// Did the server answer EHLO or HELO?
  bool was_greeted() const { return capabilities || (helo && helo->is_positive()); }
  /// What the server can do once TLS is up, or else without it.
  const Capabilities* best_capabilities() const;
};

/// Connects to mail servers. Implementations: NetworkProber, SharingProber in front of another.
class Prober {
 public:
  virtual ~Prober() = default;
  /// Never throws for what the network does. Bounded in time and in bytes.
  virtual asio::awaitable<Probe> probe(ProbeRequest request) = 0;
};

}  // namespace mailmedic::smtp
