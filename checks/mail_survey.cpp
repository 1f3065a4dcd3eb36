#include "checks/mail_survey.hpp"

#include <algorithm>

#include "checks/no_answer.hpp"

namespace mailmedic {

namespace {
bool not_applicable(CheckReport& report, std::string reason) {
  report.outcome = Outcome::not_applicable;
  report.reason = std::move(reason);
  return false;
}

void note_unknown_addresses(const smtp::MailHosts& mail, CheckReport& report) {
  for (const smtp::MailHost& host : mail.hosts) {
    if (!host.a.is_definite()) report.could_not_tell(no_answer(host.name, dns::Type::a, host.a));
    if (!host.aaaa.is_definite()) report.could_not_tell(no_answer(host.name, dns::Type::aaaa, host.aaaa));
  }
}
}  // namespace

bool has_mail_hosts(const smtp::MailHosts& mail, CheckReport& report) {
  using Kind = smtp::MailHosts::Kind;
  const std::string& domain = mail.domain.text();
  if (mail.kind == Kind::null_mx) return not_applicable(report, domain + " takes no mail: it has a null MX record");
  if (mail.kind == Kind::none)
    return not_applicable(report, mail.mx.status == dns::Status::nx_domain
                                      ? domain + " does not exist"
                                      : domain + " has neither MX records nor an address");
  if (!mail.mx.is_definite()) {
    report.could_not_tell(no_answer(mail.domain, dns::Type::mx, mail.mx));
    return false;
  }
  note_unknown_addresses(mail, report);
  const bool some = std::any_of(mail.hosts.begin(), mail.hosts.end(), [](const smtp::MailHost& h) { return !h.addresses.empty(); });
  if (some || report.outcome == Outcome::inconclusive) return some;
  return not_applicable(report, "no mail host of " + domain + " has an address");
}

bool encryption_is_known(const smtp::Probe& probe) {
  if (probe.handshake && probe.handshake->completed) return true;
  const bool tls_came_first = probe.request.encryption == smtp::Encryption::implicit && probe.handshake;
  if (!probe.was_greeted() && !tls_came_first) return false;
  if (probe.cause == smtp::Cause::timed_out || probe.cause == smtp::Cause::local_error) return false;
  if (probe.starttls && probe.starttls->code == 421) return false;
  if (probe.cause != smtp::Cause::tls_failed || !probe.handshake) return true;
  return probe.handshake->failure != tls::Failure::timed_out && probe.handshake->failure != tls::Failure::local;
}

}  // namespace mailmedic
