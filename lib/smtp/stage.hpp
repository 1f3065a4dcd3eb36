#pragma once
#include <string_view>

namespace mailmedic::smtp {

/// In the order in which they come; with implicit TLS `tls` comes before the banner. LMTP says LHLO for EHLO.
enum class Stage { connect, banner, ehlo, helo, starttls, tls, ehlo_after_tls, xclient, ehlo_after_xclient, auth, mail, rcpt, data, quit };
std::string_view stage_text(Stage stage);   ///< for machines: "ehlo_after_tls"
std::string_view stage_label(Stage stage);  ///< for people, in the protocol's own words: "EHLO after TLS"

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
  xclient_not_offered,   ///< asked for, and not offered to us
  xclient_rejected,
  auth_not_offered,      ///< a login was asked for, and AUTH is not among the extensions
  auth_impossible,       ///< no mechanism that both sides speak, or what it needs was not given: LoginSeen::why
  auth_in_clear,         ///< we do not log in without TLS
  auth_untrusted,        ///< we do not log in to a server whose certificate proves nothing
  auth_rejected,
  auth_broken,           ///< the server's challenges make no sense: LoginSeen::why
  extension_missing,     ///< the message asked for needs an extension that is not offered: Conversation::not_offered
  mail_rejected,
  rcpt_rejected,
  data_rejected,
  reply_malformed,
  reply_too_long,
  local_error,           ///< our own side: a request that cannot be sent, no socket, no permission
};
std::string_view cause_text(Cause cause);

}  // namespace mailmedic::smtp
