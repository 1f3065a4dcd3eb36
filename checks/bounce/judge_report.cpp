#include "checks/bounce/judge_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/text/ascii.hpp"

namespace mailmedic::bounce {

namespace {

using message::DeliveryReport;
using message::ReportKind;

std::string subject_of(const DeliveryReport& report) {
  // Whoever got a message that did not pass has no part in it
  if (report.feedback.type == "auth-failure" && !report.feedback.reported_domain.empty()) return report.feedback.reported_domain;
  if (!report.recipients.empty() && !report.recipients.front().recipient.empty()) return report.recipients.front().recipient;
  return report.feedback.reported_domain.empty() ? "report" : report.feedback.reported_domain;
}

/// "Feedback-Type: abuse, Source-IP: 192.0.2.1": what is there of the report's own fields. RFC 5965 section 3
std::string fields_of(const message::Feedback& given) {
  std::vector<std::string> out;
  const std::pair<std::string_view, const std::string*> all[] = {
      {"Feedback-Type", &given.type}, {"User-Agent", &given.user_agent}, {"Source-IP", &given.source_address}, {"Original-Mail-From", &given.original_mail_from},
      {"Reported-Domain", &given.reported_domain}, {"Arrival-Date", &given.arrival_date}, {"Auth-Failure", &given.auth_failure}};
  for (const auto& [name, value] : all)
    if (!value->empty()) out.push_back(fmt::format("{}: {}", name, *value));
  return text::joined(out, ", ");
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

std::string_view success_word(std::string_view action) {
  if (action == "relayed") return "handed on to a server that reports no more";
  return action == "expanded" ? "handed on to several addresses" : "delivered";
}

/// Of each recipient what the report says; not of thousands.
std::vector<Evidence> actions_of(const DeliveryReport& report) {
  constexpr std::size_t most = 20;
  std::vector<Evidence> out;
  for (std::size_t i = 0; i < std::min(report.recipients.size(), most); ++i) {
    const message::RecipientReport& one = report.recipients[i];
    out.push_back({one.recipient, fmt::format("Action: {}{}{}", one.action, one.status.empty() ? "" : ", Status: ", one.status)});
  }
  return out;
}

/// What little there is of a message that could not be read as a report.
std::vector<Evidence> header_of(const DeliveryReport& report) {
  std::vector<std::string> fields;
  if (!report.subject.empty()) fields.push_back("Subject: " + report.subject);
  if (!report.date.empty()) fields.push_back("Date: " + report.date);
  return {{"header", fields.empty() ? "neither Subject nor Date" : text::joined(fields, ", ")}};
}

}  // namespace

void judge_report(const DeliveryReport& report, CheckReport& out) {
  if (report.kind == ReportKind::none && report.from_daemon) {
    Finding unknown{.id = "bounce.not-understood", .subject = "report"};
    unknown.evidence = header_of(report);
    return out.could_not_tell(std::move(unknown));
  }
  Finding finding{.id = "bounce.no-report", .subject = {}};
  if (report.kind == ReportKind::feedback) {
    finding = of_feedback(report.feedback);
    finding.evidence = {{"feedback report", fields_of(report.feedback)}};
  } else if (report.kind == ReportKind::auto_reply) {
    finding = {.id = "bounce.automatic-answer", .subject = {}, .args = {{"what", std::string(answer_word(report.format))}}};
    if (!report.recipients.empty()) finding.evidence = {{"automatic answer", report.recipients.front().diagnostic}};
    for (Evidence& seen : header_of(report)) finding.evidence.push_back(std::move(seen));
  } else if (report.kind == ReportKind::delivered) {
    finding = {.id = "bounce.delivered", .subject = {}, .args = {{"what", std::string(success_word(report.recipients.empty() ? "" : report.recipients.front().action))}}};
    finding.evidence = actions_of(report);
  } else {
    finding.evidence = header_of(report);
  }
  finding.subject = subject_of(report);
  out.findings.push_back(std::move(finding));
}

}  // namespace mailmedic::bounce
