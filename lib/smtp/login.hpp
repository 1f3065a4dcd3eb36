#pragma once
// The command AUTH, without I/O. RFC 4954.
#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "lib/sasl/mechanism.hpp"
#include "lib/smtp/action.hpp"
#include "lib/smtp/capabilities.hpp"
#include "lib/smtp/stage.hpp"

namespace mailmedic::smtp {

/// A login that is to be tried.
struct LoginRequest {
  sasl::Credentials credentials{};
  std::vector<std::string> mechanisms{};  ///< upper case; empty: the strongest that the server offers
  bool without_tls = false;               ///< go ahead on a connection that anybody may read

  bool to_anybody = false;                ///< also where the certificate does not show that it is the right server

  auto operator<=>(const LoginRequest&) const = default;
};

/// What became of a login. No secret stands in it.
struct LoginSeen {
  std::string mechanism{};             ///< the one that was tried; empty: none
  std::optional<Reply> reply{};        ///< the last one
  std::string server_error{};          ///< JSON with which a server refused an access token (RFC 7628 section 3.2.2)
  std::optional<bool> server_proven{}; ///< of mechanisms that prove the server too
  bool encrypted = false;              ///< went through TLS
  int challenges = 0;
  std::string why{};                   ///< in English: what is missing, what is wrong with a challenge
};

class Login {
 public:
  /// `secure`: nobody can listen. The request must outlive this.
  Login(const LoginRequest& request, const Capabilities& offered, bool secure, std::optional<sasl::ChannelBinding> binding);

  /// The first command, or nothing: then cause() says why there is no login to try.
  std::optional<Action> start();
  /// What to send next, or nothing: the login is over, well when cause() is none.
  std::optional<Action> on_reply(const Reply& reply);

  Cause cause() const { return cause_; }
  const LoginSeen& seen() const { return seen_; }

 private:
  std::optional<Action> stop(Cause cause, std::string why);
  std::optional<Action> cancel(std::string why);
  std::optional<Action> first_command();
  std::optional<Action> answer(const Reply& challenge);

  const LoginRequest& request_;
  const Capabilities& offered_;
  std::optional<sasl::ChannelBinding> binding_;
  std::optional<sasl::Mechanism> mechanism_;
  std::optional<std::string> initial_;  ///< the initial response, as long as it has not been sent
  Cause cause_ = Cause::none;
  LoginSeen seen_;
  bool cancelled_ = false;
};

}  // namespace mailmedic::smtp
