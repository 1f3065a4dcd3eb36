#include "lib/smtp/stage.hpp"

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
    case Stage::xclient: return "xclient";
    case Stage::ehlo_after_xclient: return "ehlo_after_xclient";
    case Stage::auth: return "auth";
    case Stage::mail: return "mail";
    case Stage::rcpt: return "rcpt";
    case Stage::data: return "data";
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
    case Stage::xclient: return "XCLIENT";
    case Stage::ehlo_after_xclient: return "EHLO after XCLIENT";
    case Stage::auth: return "AUTH";
    case Stage::mail: return "MAIL FROM";
    case Stage::rcpt: return "RCPT TO";
    case Stage::data: return "DATA";
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
    case Cause::xclient_not_offered: return "xclient_not_offered";
    case Cause::xclient_rejected: return "xclient_rejected";
    case Cause::auth_not_offered: return "auth_not_offered";
    case Cause::auth_impossible: return "auth_impossible";
    case Cause::auth_in_clear: return "auth_in_clear";
    case Cause::auth_untrusted: return "auth_untrusted";
    case Cause::auth_rejected: return "auth_rejected";
    case Cause::auth_broken: return "auth_broken";
    case Cause::extension_missing: return "extension_missing";
    case Cause::mail_rejected: return "mail_rejected";
    case Cause::rcpt_rejected: return "rcpt_rejected";
    case Cause::data_rejected: return "data_rejected";
    case Cause::reply_malformed: return "reply_malformed";
    case Cause::reply_too_long: return "reply_too_long";
    case Cause::local_error: return "local_error";
  }
  return "none";
}

}  // namespace mailmedic::smtp
