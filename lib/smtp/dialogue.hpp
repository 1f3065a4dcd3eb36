#pragma once
// The client's side of an SMTP or LMTP conversation, without I/O: replies and events go in, what to do next comes out.
// RFC 5321 sections 3.1 to 3.3 and 4.1.4, STARTTLS by RFC 3207, AUTH by RFC 4954, LMTP by RFC 2033.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/smtp/action.hpp"
#include "lib/smtp/capabilities.hpp"
#include "lib/smtp/envelope.hpp"
#include "lib/smtp/login.hpp"
#include "lib/smtp/reply.hpp"
#include "lib/smtp/stage.hpp"

namespace mailmedic::smtp {

enum class Encryption { none, starttls_if_offered, starttls_required, implicit };

struct DialogueSettings {
  std::string helo;  ///< our name, or an address literal "[192.0.2.1]" (RFC 5321 section 4.1.3)
  Encryption encryption = Encryption::starttls_if_offered;
  Stage quit_after = Stage::ehlo_after_tls;  ///< the last stage before QUIT, as far as the settings lead there
  bool drop = false;                         ///< behind that stage just close, without QUIT
  bool lmtp = false;                         ///< LHLO instead of EHLO. RFC 2033 section 4.1
  bool private_line = false;                 ///< nobody can listen even without TLS: a UNIX socket
  std::vector<std::pair<std::string, std::string>> xclient{};  ///< attributes (upper case) and values in clear
  std::optional<LoginRequest> login{};
  std::optional<std::string> mail_from{};    ///< without angle brackets; empty: the null sender
  std::optional<std::string> rcpt_to{};      ///< without angle brackets
  MailWishes wishes{};
};

/// What was seen of a conversation, however far it went.
struct Conversation {
  std::optional<Stage> stopped_at;  ///< the stage of `cause`
  Cause cause = Cause::none;
  std::optional<Reply> banner, ehlo, helo, starttls, ehlo_after_tls, xclient, ehlo_after_xclient, mail, rcpt, data, quit;
  std::optional<Capabilities> capabilities;            ///< before TLS; with implicit TLS, the first ones
  std::optional<Capabilities> capabilities_after_tls;
  std::optional<Capabilities> capabilities_after_xclient;
  std::optional<LoginSeen> login;
  std::vector<std::string> not_offered;  ///< extensions that were asked for and are not there: "DSN", "XCLIENT ADDR"
};

class Dialogue {
 public:
  explicit Dialogue(DialogueSettings settings) : settings_(std::move(settings)) {}

  /// The connection stands.
  Action start();
  Action on_reply(const Reply& reply);
  /// The TLS handshake is done. `proved`: the certificate shows that it is the server of that name; `binding` is what a login
  /// may bind to.
  Action on_tls(bool proved, std::optional<sasl::ChannelBinding> binding = {});
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
  Action on_xclient(const Reply& reply);
  Action on_ehlo_after_xclient(const Reply& reply);
  Action on_auth(const Reply& reply);
  Action on_mail(const Reply& reply);
  Action on_rcpt(const Reply& reply);
  Action on_data(const Reply& reply);
  Action greet(Stage stage) { return say(stage, (settings_.lmtp ? "LHLO " : "EHLO ") + settings_.helo); }
  Action say(Stage stage, std::string line);
  Action after_greetings();
  Action introduce();
  Action log_in();
  Action go_on_with_login(std::optional<Action> next);
  Action name_sender();
  Action quit();
  Action stop(Cause cause);
  Action stop(Stage stage, Cause cause);
  const Capabilities* offered() const;
  bool can_be_sent() const;
  bool ends_with(Stage stage) const { return settings_.quit_after <= stage; }

  DialogueSettings settings_;
  Stage stage_ = Stage::connect;
  Conversation seen_;
  bool tls_ = false, proved_ = false;
  std::optional<sasl::ChannelBinding> binding_;
  std::vector<std::string> xclient_left_;  ///< commands still to be sent, last one first
  std::optional<Login> login_;
};

}  // namespace mailmedic::smtp
