#include "checks/smtp/requests.hpp"

#include "checks/smtp/about.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::smtp {

namespace {
constexpr std::uint16_t submission_port = 587;

void add(std::string_view id, const SurveyedHost& host, const Probe& probe, Evidence evidence, CheckReport& report, Args more = {}) {
  Finding finding = about(id, host, probe);
  finding.args.insert(finding.args.end(), more.begin(), more.end());
  finding.evidence.push_back(std::move(evidence));
  report.findings.push_back(std::move(finding));
}

bool mentions(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != text.npos; });
}

/// A reply that says "later" is no verdict.
void later(const SurveyedHost& host, const Probe& probe, Stage stage, const Reply& reply, CheckReport& report) {
  Finding finding = about("smtp.later", host, probe);
  finding.args.emplace_back("stage", stage_label(stage));
  finding.args.emplace_back("code", std::to_string(reply.code));
  finding.evidence.push_back(at(probe, stage_label(stage), reply.text()));
  report.could_not_tell(std::move(finding));
}

/// The finding that a refused login is, by its code (RFC 4954 section 6) and by what large providers are known to say.
std::string_view refusal_of(const Reply& reply, bool encrypted) {
  const std::string text = text::lower(reply.text());
  if (mentions(text, {"application-specific password", "app password", "authorization code", "授权码"})) return "smtp.auth-app-password";
  if (mentions(text, {"smtpclientauthentication is disabled", "5.7.139", "5.7.30 ", "basic authentication is disabled", "basic authentication is not supported"}))
    return "smtp.auth-disabled";
  if (reply.code == 432) return "smtp.auth-password-change";
  if (reply.code == 538 || (!encrypted && (reply.code == 530 || mentions(text, {"starttls", "5.7.11 "})))) return "smtp.auth-needs-tls";
  if (reply.code == 534) return "smtp.auth-too-weak";
  if (reply.code >= 500 && reply.code <= 504) return "smtp.auth-not-understood";
  return "smtp.auth-rejected";
}

void judge_login(const SurveyedHost& host, const Probe& probe, CheckReport& report) {
  if (probe.cause == Cause::auth_untrusted && probe.handshake) {
    const tls::Verification& verified = probe.handshake->verification;
    const std::string why = !verified.performed || !verified.trusted ? verified.text : probe.request.host.empty() ? "no name to compare with was given" : "the certificate is for other names";
    return add("smtp.auth-untrusted", host, probe, at(probe, "certificate", why), report, {{"reason", why}});
  }
  if (!probe.login) return;
  const LoginSeen& login = *probe.login;
  const auto found = [&](std::string_view id, Evidence evidence) { add(id, host, probe, std::move(evidence), report, {{"mechanism", login.mechanism}, {"reason", login.why}}); };
  const Evidence offered = said(probe, "reply to EHLO", probe.ehlo_after_tls ? probe.ehlo_after_tls : probe.ehlo);
  switch (probe.cause) {
    case Cause::auth_not_offered: return found("smtp.auth-not-offered", offered);
    case Cause::auth_in_clear: return found("smtp.auth-in-clear", offered);
    case Cause::auth_impossible: return found("smtp.auth-impossible", offered);
    case Cause::auth_broken: return found("smtp.auth-broken", at(probe, "AUTH " + login.mechanism, login.why));
    case Cause::auth_rejected: break;
    default:
      if (!login.reply || login.reply->code / 100 != 2) return;
      if (login.server_proven == false) found("smtp.auth-server-unproven", said(probe, "reply to AUTH", login.reply));
      if (!login.encrypted) found("smtp.auth-sent-in-clear", said(probe, "reply to AUTH", login.reply));
      return;
  }
  const Reply& reply = *login.reply;
  if (reply.is_transient() && reply.code != 432) return later(host, probe, Stage::auth, reply, report);
  found(refusal_of(reply, login.encrypted), at(probe, "reply to AUTH " + login.mechanism, reply.text()));
  if (!login.server_error.empty()) report.findings.back().evidence.push_back(at(probe, "error of the token", login.server_error));
}

void judge_envelope(const SurveyedHost& host, const Probe& probe, CheckReport& report) {
  const auto refused = [&](std::string_view id, Stage stage, const std::optional<Reply>& reply) {
    if (!reply) return;
    if (reply->is_transient()) return later(host, probe, stage, *reply, report);
    add(id, host, probe, at(probe, stage_label(stage), reply->text()), report, {{"code", std::to_string(reply->code)}});
  };
  const bool encrypted = probe.handshake && probe.handshake->completed;
  switch (probe.cause) {
    case Cause::mail_rejected: {
      const bool wants_tls = probe.mail && probe.mail->code == 530 && !encrypted && mentions(text::lower(probe.mail->text()), {"starttls", "tls"});
      if (wants_tls) return add("smtp.tls-required", host, probe, said(probe, "reply to MAIL", probe.mail), report);
      return refused("smtp.mail-rejected", Stage::mail, probe.mail);
    }
    case Cause::rcpt_rejected: return refused("smtp.rcpt-rejected", Stage::rcpt, probe.rcpt);
    case Cause::data_rejected: return refused("smtp.data-rejected", Stage::data, probe.data);
    case Cause::xclient_rejected: return refused("smtp.xclient-rejected", Stage::xclient, probe.xclient);
    case Cause::xclient_not_offered: return add("smtp.xclient-not-offered", host, probe, said(probe, "reply to EHLO", probe.ehlo), report);
    default: return;
  }
}

/// RFC 1870 section 6.1: a client that knows the message's size need not even try.
void judge_size(const SurveyedHost& host, const Probe& probe, CheckReport& report) {
  const Capabilities* can = probe.best_capabilities();
  const auto& wanted = probe.request.wishes.size;
  if (!can || !can->size || *can->size == 0 || !wanted || *wanted <= *can->size) return;
  add("smtp.size-too-small", host, probe, said(probe, "reply to EHLO", probe.ehlo_after_tls ? probe.ehlo_after_tls : probe.ehlo), report,
      {{"size", std::to_string(*wanted)}, {"limit", std::to_string(*can->size)}});
}

void judge_missing_extensions(const SurveyedHost& host, const Probe& probe, CheckReport& report) {
  if (probe.not_offered.empty() || probe.cause == Cause::xclient_not_offered) return;
  const Args names{{"extensions", text::joined(probe.not_offered, ", ")}};
  const Evidence seen = said(probe, "reply to EHLO", probe.ehlo_after_tls ? probe.ehlo_after_tls : probe.ehlo);
  if (probe.cause == Cause::extension_missing)
    add("smtp.extension-missing", host, probe, seen, report, names);
  else
    add("smtp.parameter-left-out", host, probe, seen, report, names);
}
}  // namespace

void judge_requests(const SurveyedHost& host, const Probe& probe, CheckReport& report) {
  // RFC 8314 section 3.3: a client that does not insist on TLS would say its password to whoever listens.
  if (probe.request.endpoint.port == submission_port && probe.request.encryption != Encryption::implicit && probe.capabilities && !probe.capabilities->auth.empty())
    add("smtp.auth-before-tls", host, probe, said(probe, "reply to EHLO", probe.ehlo), report, {{"mechanisms", text::joined(probe.capabilities->auth, ", ")}});
  judge_login(host, probe, report);
  judge_envelope(host, probe, report);
  judge_missing_extensions(host, probe, report);
  judge_size(host, probe, report);
  const StageRecord* quit = probe.stage(Stage::quit);
  if (probe.request.await_quit && quit && probe.cause == Cause::none && (!probe.quit || probe.quit->code != 221))
    add("smtp.quit-unanswered", host, probe, said(probe, "reply to QUIT", probe.quit), report);
}

}  // namespace mailmedic::smtp
