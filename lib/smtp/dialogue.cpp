#include "lib/smtp/dialogue.hpp"

#include <algorithm>

namespace mailmedic::smtp {

namespace {
/// "Go ahead" (3xx) answers DATA and AUTH alone. RFC 5321 section 4.3.2.
bool is_yes(const Reply& reply) { return reply.code / 100 == 2; }

/// A control character in a command would make two commands of it, or none.
bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}
}  // namespace

bool Dialogue::can_be_sent() const {
  const MailWishes& wishes = settings_.wishes;
  if (settings_.helo.empty() || !is_one_line(settings_.helo) || !is_one_line(wishes.ret) || !is_one_line(wishes.notify)) return false;
  for (const auto* address : {&settings_.mail_from, &settings_.rcpt_to})
    if (*address && !is_one_line(**address)) return false;
  return std::all_of(settings_.xclient.begin(), settings_.xclient.end(), [](const auto& attribute) { return is_one_line(attribute.first); });
}

Action Dialogue::start() {
  if (!can_be_sent()) {
    seen_.cause = Cause::local_error;
    seen_.stopped_at = stage_;
    return done();
  }
  if (settings_.quit_after == Stage::connect) return done();
  if (settings_.encryption == Encryption::implicit) {
    stage_ = Stage::tls;
    return start_tls();
  }
  stage_ = Stage::banner;
  return await_reply();
}

Action Dialogue::on_reply(const Reply& reply) {
  switch (stage_) {
    case Stage::banner: return on_banner(reply);
    case Stage::ehlo: return on_ehlo(reply);
    case Stage::helo: return on_helo(reply);
    case Stage::starttls: return on_starttls(reply);
    case Stage::ehlo_after_tls: return on_ehlo_after_tls(reply);
    case Stage::xclient: return on_xclient(reply);
    case Stage::ehlo_after_xclient: return on_ehlo_after_xclient(reply);
    case Stage::auth: return on_auth(reply);
    case Stage::mail: return on_mail(reply);
    case Stage::rcpt: return on_rcpt(reply);
    case Stage::data: return on_data(reply);
    case Stage::quit: seen_.quit = reply; return done();
    case Stage::connect:
    case Stage::tls: break;
  }
  return done();
}

Action Dialogue::on_tls(bool proved, std::optional<sasl::ChannelBinding> binding) {
  tls_ = true;
  proved_ = proved;
  binding_ = std::move(binding);
  if (settings_.encryption == Encryption::implicit) {
    if (settings_.quit_after == Stage::tls) return done();  // no greeting yet, so no QUIT
    stage_ = Stage::banner;
    return await_reply();
  }
  if (ends_with(Stage::tls)) return quit();
  return greet(Stage::ehlo_after_tls);
}

Action Dialogue::on_failure(Cause cause) {
  if (stage_ != Stage::quit) {
    seen_.cause = cause;
    seen_.stopped_at = stage_;
    if (login_) seen_.login = login_->seen();
  }
  return done();
}

Action Dialogue::on_banner(const Reply& reply) {
  seen_.banner = reply;
  if (reply.is_transient()) return stop(Cause::banner_busy);
  if (reply.code != 220) return stop(Cause::banner_rejected);
  if (ends_with(Stage::banner)) return quit();
  return greet(Stage::ehlo);
}

Action Dialogue::on_ehlo(const Reply& reply) {
  seen_.ehlo = reply;
  // RFC 5321 section 4.1.4: a client falls back to HELO. Not for 421, after which the server hangs up, nor for
  // another transient reply, which says "later". LMTP has no HELO (RFC 2033 section 4.1).
  if (reply.is_permanent() && !settings_.lmtp) return say(Stage::helo, "HELO " + settings_.helo);
  if (!is_yes(reply)) return stop(Cause::ehlo_rejected);
  seen_.capabilities = capabilities_of(reply);
  if (ends_with(Stage::helo)) return quit();
  if (tls_ || settings_.encryption == Encryption::none) return after_greetings();
  if (seen_.capabilities->starttls()) return say(Stage::starttls, "STARTTLS");
  if (settings_.encryption == Encryption::starttls_if_offered) return after_greetings();
  return stop(Stage::starttls, Cause::starttls_not_offered);
}

Action Dialogue::on_helo(const Reply& reply) {
  seen_.helo = reply;
  if (!is_yes(reply)) return stop(Cause::ehlo_rejected);
  if (settings_.encryption == Encryption::starttls_required && !ends_with(Stage::helo))
    return stop(Stage::starttls, Cause::starttls_not_offered);
  return after_greetings();
}

Action Dialogue::on_starttls(const Reply& reply) {
  seen_.starttls = reply;
  if (reply.code != 220) return stop(Cause::starttls_rejected);
  if (ends_with(Stage::starttls)) return done();  // what comes now must be TLS: there is no way to say QUIT
  stage_ = Stage::tls;
  return start_tls();
}

Action Dialogue::on_ehlo_after_tls(const Reply& reply) {
  seen_.ehlo_after_tls = reply;
  if (!is_yes(reply)) return stop(Cause::ehlo_rejected);
  // RFC 3207 section 4.2: what was said before TLS is forgotten.
  seen_.capabilities_after_tls = capabilities_of(reply);
  return after_greetings();
}

const Capabilities* Dialogue::offered() const {
  for (const auto* known : {&seen_.capabilities_after_xclient, &seen_.capabilities_after_tls, &seen_.capabilities})
    if (*known) return &**known;
  return nullptr;
}

Action Dialogue::after_greetings() {
  if (ends_with(Stage::ehlo_after_tls)) return quit();
  return settings_.xclient.empty() ? log_in() : introduce();
}

Action Dialogue::introduce() {
  if (const Capabilities* can = offered()) xclient_left_ = xclient_commands(settings_.xclient, *can, seen_.not_offered);
  if (xclient_left_.empty()) return stop(Stage::xclient, Cause::xclient_not_offered);
  std::reverse(xclient_left_.begin(), xclient_left_.end());
  std::string first = std::move(xclient_left_.back());
  xclient_left_.pop_back();
  return say(Stage::xclient, std::move(first));
}

/// The session begins anew, with a greeting and then EHLO.
Action Dialogue::on_xclient(const Reply& reply) {
  seen_.xclient = reply;
  if (!is_yes(reply)) return stop(Cause::xclient_rejected);
  if (!xclient_left_.empty()) {
    std::string next = std::move(xclient_left_.back());
    xclient_left_.pop_back();
    return say(Stage::xclient, std::move(next));
  }
  if (ends_with(Stage::xclient)) return quit();
  return greet(Stage::ehlo_after_xclient);
}

Action Dialogue::on_ehlo_after_xclient(const Reply& reply) {
  seen_.ehlo_after_xclient = reply;
  if (!is_yes(reply)) return stop(Cause::ehlo_rejected);
  seen_.capabilities_after_xclient = capabilities_of(reply);
  return log_in();
}

Action Dialogue::log_in() {
  if (ends_with(Stage::ehlo_after_xclient)) return quit();
  if (!settings_.login) return name_sender();
  static const Capabilities nothing;
  // Whoever sits between with a certificate of his own would read the password. RFC 8314 section 4.4 (and RFC 4954 section 4).
  if (tls_ && !proved_ && !settings_.login->to_anybody) return stop(Stage::auth, Cause::auth_untrusted);
  stage_ = Stage::auth;
  login_.emplace(*settings_.login, offered() ? *offered() : nothing, tls_ || settings_.private_line, binding_);
  return go_on_with_login(login_->start());
}

Action Dialogue::on_auth(const Reply& reply) { return go_on_with_login(login_->on_reply(reply)); }

Action Dialogue::go_on_with_login(std::optional<Action> next) {
  seen_.login = login_->seen();
  if (next) return std::move(*next);
  return login_->cause() == Cause::none ? name_sender() : stop(login_->cause());
}

Action Dialogue::name_sender() {
  if (ends_with(Stage::auth) || !settings_.mail_from) return quit();
  std::string command = mail_command(*settings_.mail_from, settings_.wishes, offered(), seen_.not_offered);
  if (std::any_of(seen_.not_offered.begin(), seen_.not_offered.end(), is_indispensable)) return stop(Stage::mail, Cause::extension_missing);
  return say(Stage::mail, std::move(command));
}

Action Dialogue::on_mail(const Reply& reply) {
  seen_.mail = reply;
  if (!is_yes(reply)) return stop(Cause::mail_rejected);
  if (ends_with(Stage::mail) || !settings_.rcpt_to) return quit();
  return say(Stage::rcpt, rcpt_command(*settings_.rcpt_to, settings_.wishes, offered(), seen_.not_offered));
}

Action Dialogue::on_rcpt(const Reply& reply) {
  seen_.rcpt = reply;
  if (!is_yes(reply)) return stop(Cause::rcpt_rejected);
  return ends_with(Stage::rcpt) ? quit() : say(Stage::data, "DATA");
}

Action Dialogue::on_data(const Reply& reply) {
  seen_.data = reply;
  if (reply.code / 100 != 3) return stop(Cause::data_rejected);
  // What comes now would be the message. A client that closes before its end has sent none (RFC 5321 section 4.1.1.4).
  return done();
}

Action Dialogue::say(Stage stage, std::string line) {
  stage_ = stage;
  return send(std::move(line));
}

Action Dialogue::quit() {
  const bool is_whole = seen_.cause == Cause::none;
  return is_whole && settings_.drop ? done() : say(Stage::quit, "QUIT");
}

Action Dialogue::stop(Cause cause) { return stop(stage_, cause); }

Action Dialogue::stop(Stage stage, Cause cause) {
  seen_.cause = cause;
  seen_.stopped_at = stage;
  return quit();
}

}  // namespace mailmedic::smtp
