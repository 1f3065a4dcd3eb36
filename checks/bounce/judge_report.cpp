#include "checks/bounce/judge_report.hpp"

#include <fmt/format.h>

#include "lib/text/ascii.hpp"

namespace mailmedic::bounce {

namespace {

std::string subject_of(const message::DeliveryReport& report) {
  // Whoever got a message that did not pass has no part in it
  if (report.feedback.type == "auth-failure" && !report.feedback.reported_domain.empty()) return report.feedback.reported_domain;
  if (!report.recipients.empty() && !report.recipients.front().recipient.empty()) return report.recipients.front().recipient;
  return report.feedback.reported_domain.empty() ? "report" : report.feedback.reported_domain;
}

/// "type abuse, by Yahoo!-Mail-Feedback/1.0, source 192.0.2.1": what is there of it.
std::string line_of(const message::Feedback& given) {
  std::vector<std::string> parts;
  const std::pair<std::string_view, const std::string*> all[] = {{"type", &given.type}, {"by", &given.user_agent}, {"source", &given.source_address}, {"sender", &given.original_mail_from},
                                                                 {"domain", &given.reported_domain}, {"arrived", &given.arrival_date}, {"failure", &given.auth_failure}};
  for (const auto& [name, value] : all)
    if (!value->empty()) parts.push_back(fmt::format("{} {}", name, *value));
  return text::joined(parts, ", ");
}

Finding of_feedback(const message::Feedback& given) {
  if (given.type == "opt-out") return {.id = "bounce.unsubscription", .subject = {}};
  if (given.type == "not-spam") return {.id = "bounce.not-spam", .subject = {}};
  if (given.type == "auth-failure") return {.id = "bounce.authentication-report", .subject = {}, .args = {{"what", given.auth_failure.empty() ? "the cause is not told" : given.auth_failure}}};
  const std::string what = given.type == "abuse"   ? "it was reported as spam"
                           : given.type == "fraud" ? "it was reported as fraud"
                           : given.type == "virus" ? "it was reported for a virus"
                                                   : fmt::format("the kind of report is {}", given.type);
  return {.id = "bounce.complaint", .subject = {}, .args = {{"what", what}}};
}

std::string_view answer_word(std::string_view format) {
  if (format == "rfc8098") return "a receipt, which tells what became of the message";
  return format == "challenge" ? "a question whether you are a person" : "a vacation note or another automatic answer";
}

}  // namespace

void judge_report(const message::DeliveryReport& report, CheckReport& out) {
  Finding finding{.id = "bounce.no-report", .subject = {}};
  if (report.kind == message::ReportKind::feedback) {
    finding = of_feedback(report.feedback);
    finding.evidence = {{"feedback report", line_of(report.feedback)}};
  } else if (report.kind == message::ReportKind::auto_reply) {
    finding = {.id = "bounce.automatic-answer", .subject = {}, .args = {{"what", std::string(answer_word(report.format))}}};
    if (!report.recipients.empty()) finding.evidence = {{"automatic answer", report.recipients.front().diagnostic}};
  } else if (report.kind == message::ReportKind::delivered) {
    finding = {.id = "bounce.delivered", .subject = {}, .args = {{"action", report.recipients.empty() ? "delivered" : report.recipients.front().action}}};
  }
  finding.subject = subject_of(report);
  out.findings.push_back(std::move(finding));
}

}  // namespace mailmedic::bounce
