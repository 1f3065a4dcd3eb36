#include "lib/smtp/dialogue.hpp"

#include <algorithm>

namespace mailmedic::smtp {

std::string_view stage_text(Stage stage) {
  switch (stage) {
    case Stage::connect: return "connect";
    case Stage::banner: return "banner";
    case Stage::ehlo: return "ehlo";
    case Stage::helo: return "helo";
    case Stage::starttls: return "starttls";
    case Stage::tls: return "tls";
    case Stage::ehlo_after_tls: return "ehlo_after_tls";
    case Stage::mail: return "mail";
    case Stage::rcpt: return "rcpt";
    case Stage::quit: return "quit";
  }
  return "connect";
}

std::string_view stage_label(Stage stage) {
  switch (stage) {
    case Stage::connect: return "TCP connect";
    case Stage::banner: return "banner";
    case Stage::ehlo: return "EHLO";
    case Stage::helo: return "HELO";
    case Stage::starttls: return "STARTTLS";
    case Stage::tls: return "TLS handshake";
    case Stage::ehlo_after_tls: return "EHLO after TLS";
    case Stage::mail: return "MAIL FROM";
    case Stage::rcpt: return "RCPT TO";
    case Stage::quit: return "QUIT";
  }
  return "";
}

std::string_view cause_text(Cause cause) {
  switch (cause) {
    case Cause::none: return "none";
    case Cause::refused: return "refused";
    case Cause::reset: return "reset";
    case Cause::timed_out: return "timed_out";
    case Cause::unreachable: return "unreachable";
    case Cause::closed: return "closed";
    case Cause::not_smtp: return "not_smtp";
    case Cause::banner_rejected: return "banner_rejected";
    case Cause::banner_busy: return "banner_busy";
    case Cause::ehlo_rejected: return "ehlo_rejected";
    case Cause::starttls_not_offered: return "starttls_not_offered";
    case Cause::starttls_rejected: return "starttls_rejected";
    case Cause::tls_failed: return "tls_failed";
    case Cause::mail_rejected: return "mail_rejected";
    case Cause::rcpt_rejected: return "rcpt_rejected";
    case Cause::reply_malformed: return "reply_malformed";
    case Cause::reply_too_long: return "reply_too_long";
    case Cause::local_error: return "local_error";
  }
  return "none";
}

namespace {
/// A control character in a command would make two commands of it, or none.
bool is_one_line(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}
}  // namespace

Action Dialogue::start() {
  if (settings_.helo.empty() || !is_one_line(settings_.helo) || !is_one_line(settings_.mail_from.value_or("")) ||
      !is_one_line(settings_.rcpt_to.value_or(""))) {
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
    case Stage::mail: return on_mail(reply);
    case Stage::rcpt: return on_rcpt(reply);
    case Stage::quit: seen_.quit = reply; return done();
    case Stage::connect:
    case Stage::tls: break;
  }
  return done();
}

Action Dialogue::on_tls() {
  tls_ = true;
  if (settings_.encryption == Encryption::implicit) {
    if (settings_.quit_after == Stage::tls) return done();  // no greeting yet, so no QUIT
    stage_ = Stage::banner;
    return await_reply();
  }
  if (ends_with(Stage::tls)) return quit();
  return say(Stage::ehlo_after_tls, "EHLO " + settings_.helo);
}

Action Dialogue::on_failure(Cause cause) {
  if (stage_ != Stage::quit) {
    seen_.cause = cause;
    seen_.stopped_at = stage_;
  }
  return done();
}

Action Dialogue::on_banner(const Reply& reply) {
  seen_.banner = reply;
  if (reply.is_transient()) return stop(Cause::banner_busy);
  if (reply.code != 220) return stop(Cause::banner_rejected);
  if (ends_with(Stage::banner)) return quit();
  return say(Stage::ehlo, "EHLO " + settings_.helo);
}

Action Dialogue::on_ehlo(const Reply& reply) {
  seen_.ehlo = reply;
  // RFC 5321 section 4.1.4: a client falls back to HELO. Not for 421, after which the server hangs up, nor for
  // another transient reply, which says "later".
  if (reply.is_permanent()) return say(Stage::helo, "HELO " + settings_.helo);
  if (!reply.is_positive()) return stop(Cause::ehlo_rejected);
  seen_.capabilities = capabilities_of(reply);
  if (ends_with(Stage::helo)) return quit();
  if (tls_ || settings_.encryption == Encryption::none) return after_greetings();
  if (seen_.capabilities->starttls()) return say(Stage::starttls, "STARTTLS");
  if (settings_.encryption == Encryption::starttls_if_offered) return after_greetings();
  stage_ = Stage::starttls;
  return stop(Cause::starttls_not_offered);
}

Action Dialogue::on_helo(const Reply& reply) {
  seen_.helo = reply;
  if (!reply.is_positive()) return stop(Cause::ehlo_rejected);
  if (settings_.encryption == Encryption::starttls_required && !ends_with(Stage::helo)) {
    stage_ = Stage::starttls;
    return stop(Cause::starttls_not_offered);
  }
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
  if (!reply.is_positive()) return stop(Cause::ehlo_rejected);
  // RFC 3207 section 4.2: what was said before TLS is forgotten.
  seen_.capabilities_after_tls = capabilities_of(reply);
  return after_greetings();
}

Action Dialogue::after_greetings() {
  if (ends_with(Stage::ehlo_after_tls) || !settings_.mail_from) return quit();
  return say(Stage::mail, "MAIL FROM:<" + *settings_.mail_from + ">");
}

Action Dialogue::on_mail(const Reply& reply) {
  seen_.mail = reply;
  if (!reply.is_positive()) return stop(Cause::mail_rejected);
  if (ends_with(Stage::mail) || !settings_.rcpt_to) return quit();
  return say(Stage::rcpt, "RCPT TO:<" + *settings_.rcpt_to + ">");
}

Action Dialogue::on_rcpt(const Reply& reply) {
  seen_.rcpt = reply;
  return reply.is_positive() ? quit() : stop(Cause::rcpt_rejected);
}

Action Dialogue::say(Stage stage, std::string line) {
  stage_ = stage;
  return send(std::move(line));
}

Action Dialogue::quit() { return say(Stage::quit, "QUIT"); }

Action Dialogue::stop(Cause cause) {
  seen_.cause = cause;
  seen_.stopped_at = stage_;
  return quit();
}

}  // namespace mailmedic::smtp
