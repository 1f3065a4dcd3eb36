#pragma once
// The client's side of an SMTP conversation, without I/O: replies and events go in, what to do next comes out.
// RFC 5321 sections 3.1 to 3.3 and 4.1.4, STARTTLS by RFC 3207.
#include <optional>
#include <string>
#include <string_view>

#include "lib/smtp/capabilities.hpp"
#include "lib/smtp/reply.hpp"
#include "lib/smtp/transcript.hpp"

namespace mailmedic::smtp {

/// In the order in which they come; with implicit TLS `tls` comes before the banner.
enum class Stage { connect, banner, ehlo, helo, starttls, tls, ehlo_after_tls, mail, rcpt, quit };
std::string_view stage_text(Stage stage);   ///< for machines: "ehlo_after_tls"
std::string_view stage_label(Stage stage);  ///< for people, in the protocol's own words: "EHLO after TLS"

enum class Encryption { none, starttls_if_offered, starttls_required, implicit };

/// Why a conversation stopped before its last stage.
enum class Cause {
  none,                  ///< it did not
  refused,               ///< the connection was refused (RST to our SYN)
  reset,                 ///< the connection was reset
  timed_out,             ///< nothing within the limit of the step
  unreachable,           ///< no way there: Probe::error says which kind
  closed,                ///< the server ended the connection without a word
  not_smtp,              ///< what came first is no SMTP reply
  banner_rejected,       ///< the greeting is neither 220 nor 4xx: 554 "no SMTP service here" (RFC 5321 section 3.1)
  banner_busy,           ///< the greeting is 421 or another 4xx: not now. Nothing further was measured
  ehlo_rejected,         ///< EHLO, and HELO if it was tried
  starttls_not_offered,  ///< required, and not among the extensions
  starttls_rejected,     ///< offered, and answered with other than 220
  tls_failed,            ///< the handshake: Probe::handshake says how
  mail_rejected,
  rcpt_rejected,
  reply_malformed,
  reply_too_long,
  local_error,           ///< our own side: a request that cannot be sent, no socket, no permission
};
std::string_view cause_text(Cause cause);

struct DialogueSettings {
  std::string helo;  ///< our name, or an address literal "[192.0.2.1]" (RFC 5321 section 4.1.3)
  Encryption encryption = Encryption::starttls_if_offered;
  Stage quit_after = Stage::ehlo_after_tls;  ///< the last stage before QUIT, as far as the settings lead there
  std::optional<std::string> mail_from{};    ///< without angle brackets; empty: the null sender
  std::optional<std::string> rcpt_to{};      ///< without angle brackets
};

/// What is to be done next.
struct Action {
  enum class Kind {
    await_reply,  ///< wait for a reply; nothing is sent
    send,         ///< send the line, wait for the reply
    start_tls,    ///< do a TLS handshake, then call on_tls() or on_failure()
    done,         ///< close the connection
  };
  Kind kind = Kind::done;
  Line line{};
  bool operator==(const Action&) const = default;
};
inline Action await_reply() { return {Action::Kind::await_reply, {}}; }
inline Action send(std::string text) { return {Action::Kind::send, Line::plain(std::move(text))}; }
inline Action start_tls() { return {Action::Kind::start_tls, {}}; }
inline Action done() { return {Action::Kind::done, {}}; }

/// What was seen of a conversation, however far it went.
struct Conversation {
  std::optional<Stage> stopped_at;  ///< the stage of `cause`
  Cause cause = Cause::none;
  std::optional<Reply> banner, ehlo, helo, starttls, ehlo_after_tls, mail, rcpt, quit;
  std::optional<Capabilities> capabilities;            ///< before TLS; with implicit TLS, the only ones
  std::optional<Capabilities> capabilities_after_tls;
};

class Dialogue {
 public:
  explicit Dialogue(DialogueSettings settings) : settings_(std::move(settings)) {}

  /// The connection stands.
  Action start();
  Action on_reply(const Reply& reply);
  /// The TLS handshake is done.
  Action on_tls();
  /// The stage under way failed otherwise than by a reply. After QUIT this is no failure.
  Action on_failure(Cause cause);

  Stage stage() const { return stage_; }
  const Conversation& seen() const { return seen_; }

 private:
  Action on_banner(const Reply& reply);
  Action on_ehlo(const Reply& reply);
  Action on_helo(const Reply& reply);
  Action on_starttls(const Reply& reply);
  Action on_ehlo_after_tls(const Reply& reply);
  Action on_mail(const Reply& reply);
  Action on_rcpt(const Reply& reply);
  Action say(Stage stage, std::string line);
  Action after_greetings();
  Action quit();
  Action stop(Cause cause);
  bool ends_with(Stage stage) const { return settings_.quit_after <= stage; }

  DialogueSettings settings_;
  Stage stage_ = Stage::connect;
  Conversation seen_;
  bool tls_ = false;
};

}  // namespace mailmedic::smtp
