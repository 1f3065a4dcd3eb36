#include "lib/smtp/login.hpp"

#include <fmt/format.h>

#include "lib/text/ascii.hpp"
#include "lib/text/base64.hpp"

namespace mailmedic::smtp {

namespace {
/// Octets of a command line with its end. RFC 5321 section 4.5.3.1.4; longer ones wait for the challenge (RFC 4954 section 4).
constexpr std::size_t longest_command = 512;
constexpr std::string_view hidden = "********";
/// Enough for each mechanism that we speak, and an end to servers that ask for ever.
constexpr int most_challenges = 8;

/// "=" is an initial response without a byte. RFC 4954 section 4.
std::string coded_initial(const std::string& response) { return response.empty() ? "=" : text::to_base64(response); }
}  // namespace

Login::Login(const LoginRequest& request, const Capabilities& offered, bool secure, std::optional<sasl::ChannelBinding> binding)
    : request_(request), offered_(offered), binding_(std::move(binding)) {
  seen_.encrypted = secure;
}

std::optional<Action> Login::start() {
  if (offered_.auth.empty()) return stop(Cause::auth_not_offered, "");
  if (!seen_.encrypted && !request_.without_tls) return stop(Cause::auth_in_clear, "");
  const auto name = sasl::strongest(offered_.auth, request_.mechanisms, request_.credentials, binding_.has_value());
  if (!name) return stop(Cause::auth_impossible, fmt::format("the server offers {}", text::joined(offered_.auth, ", ")));
  seen_.mechanism = *name;
  auto mechanism = sasl::Mechanism::start(*name, request_.credentials, binding_);
  if (!mechanism) return stop(Cause::auth_impossible, mechanism.error().why);
  mechanism_.emplace(std::move(*mechanism));
  return first_command();
}

std::optional<Action> Login::first_command() {
  const std::string command = "AUTH " + seen_.mechanism;
  if (mechanism_->speaks_first()) {
    auto response = mechanism_->answer("");
    if (!response) return stop(Cause::auth_impossible, response.error().why);
    const std::string line = fmt::format("{} {}", command, coded_initial(*response));
    if (line.size() + 2 <= longest_command) return send(Line::secret(line, fmt::format("{} {}", command, hidden)));
    initial_ = std::move(*response);
  }
  return send(command);
}

std::optional<Action> Login::on_reply(const Reply& reply) {
  seen_.reply = reply;
  if (reply.code == 334 && !cancelled_) return answer(reply);
  if (!cancelled_ && reply.code / 100 == 2) {
    if (mechanism_->server_proven() == false) seen_.server_proven = false;
    return std::nullopt;
  }
  if (cause_ == Cause::none) cause_ = Cause::auth_rejected;
  return std::nullopt;
}

std::optional<Action> Login::answer(const Reply& challenge) {
  if (++seen_.challenges > most_challenges) return cancel("the server asks on and on");
  if (initial_) {
    const std::string line = text::to_base64(*std::exchange(initial_, std::nullopt));
    return send(Line::secret(line, std::string(hidden)));
  }
  const auto bytes = text::from_base64(text::trimmed(challenge.lines.empty() ? "" : challenge.lines.front()));
  if (!bytes) return cancel("the challenge is not base64");
  auto response = mechanism_->answer(*bytes);
  seen_.server_error = mechanism_->server_error();
  seen_.server_proven = mechanism_->server_proven();
  if (!response) return cancel(response.error().why);
  return send(Line::secret(text::to_base64(*response), std::string(hidden)));
}

std::optional<Action> Login::stop(Cause cause, std::string why) {
  cause_ = cause;
  seen_.why = std::move(why);
  return std::nullopt;
}

/// RFC 4954 section 4: a single "*"; the server answers 501.
std::optional<Action> Login::cancel(std::string why) {
  cause_ = Cause::auth_broken;
  seen_.why = std::move(why);
  cancelled_ = true;
  return send("*");
}

}  // namespace mailmedic::smtp
