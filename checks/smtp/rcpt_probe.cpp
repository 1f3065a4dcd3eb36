#include "checks/smtp/rcpt_probe.hpp"

#include "lib/text/ascii.hpp"

namespace mailmedic::smtp {

bool forbids_rcpt_probes(const MailHost& host) { return text::lower(host.name.text()).ends_with("protection.outlook.com"); }

void judge_rcpt_not_asked(const Survey& survey, CheckReport& report) {
  for (const SurveyedHost& host : survey.hosts) {
    if (!forbids_rcpt_probes(host.host)) continue;
    Finding left{.id = "smtp.rcpt-not-asked", .subject = host.host.name.text(), .args = {{"host", host.host.name.text()}}};
    left.evidence = {{"MX " + survey.mail.domain.text(), host.host.name.text()}};
    report.findings.push_back(std::move(left));
  }
}

}  // namespace mailmedic::smtp
