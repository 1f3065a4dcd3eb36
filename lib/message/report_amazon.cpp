// Amazon SES notifications: JSON, bare or as text in the envelope of SNS, in a mail or in a file.
// Fields: Amazon SES Developer Guide, "Amazon SNS notification contents for Amazon SES".
#include <algorithm>
#include <boost/json.hpp>

#include "lib/message/reply_words.hpp"
#include "lib/message/report_readers.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::message {

namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::object* object_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

/// The text from the first line that begins an object, without line ends: mail breaks long lines within a string, with
/// a space in front of the rest.
std::string json_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (out.empty() && !line.starts_with('{')) continue;
    if (line == "--") break;
    if (!out.empty() && line.starts_with(' ') && !line.starts_with("  ")) line.remove_prefix(1);
    out += line;
  }
  return out;
}

json::value parsed(std::string_view text) {
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  json::stream_parser parser({}, options);
  boost::system::error_code error;
  parser.write_some(text, error);
  if (error || !parser.done()) return nullptr;
  return parser.release();
}

/// Each recipient of `list`: an object with its fields, or an address alone.
void add_recipients(const json::object& part, std::string_view list, std::string_view action, DeliveryReport& report) {
  const auto* value = part.if_contains(list);
  if (value == nullptr || !value->is_array()) return;
  for (const auto& one : value->get_array()) {
    if (report.recipients.size() == max_report_recipients) return;
    RecipientReport& out = report.recipients.emplace_back();
    out.action = action;
    out.remote_address = text_of(part, "remoteMtaIp");
    if (one.is_string()) {
      out.recipient = one.get_string();
      if (const std::string reply = text_of(part, "smtpResponse"); !reply.empty()) understand(reply, out);
      continue;
    }
    if (!one.is_object()) continue;
    const json::object& fields = one.get_object();
    out.recipient = typed_address(text_of(fields, "emailAddress"));
    if (const std::string written = text_of(fields, "action"); !written.empty()) out.action = text::lower(written);
    std::string diagnostic = text_of(fields, "diagnosticCode");
    if (text::starts_with_ignoring_case(diagnostic, "smtp;")) diagnostic.erase(0, 5);
    if (!diagnostic.empty()) understand(diagnostic, out);
    out.status = best_status(status_at(text_of(fields, "status")), out.status, out.reply_code);
  }
}

bool read_notification(const json::object& root, DeliveryReport& report) {
  std::string type = text_of(root, "notificationType");
  if (type.empty()) type = text_of(root, "eventType");
  type = text::lower(type);
  const json::object* part = object_of(root, type == "deliverydelay" ? "deliveryDelay" : std::string_view(type));
  if (part == nullptr) return false;
  report.format = "amazon-json";
  report.reporting_mta = text_of(*part, "reportingMTA");
  if (report.reporting_mta.starts_with("dns;"))
    report.reporting_mta = text::trimmed(std::string_view(report.reporting_mta).substr(4));
  report.arrival_date = text_of(*part, "timestamp");
  if (type == "bounce") {
    report.kind = ReportKind::bounce;
    add_recipients(*part, "bouncedRecipients", "failed", report);
  } else if (type == "complaint") {
    report.kind = ReportKind::feedback;
    report.feedback.type = text_of(*part, "complaintFeedbackType");
    if (report.feedback.type.empty()) report.feedback.type = "abuse";
    report.feedback.user_agent = text_of(*part, "userAgent");
    report.feedback.arrival_date = text_of(*part, "arrivalDate");
    add_recipients(*part, "complainedRecipients", "", report);
  } else if (type == "delivery") {
    report.kind = ReportKind::delivered;
    add_recipients(*part, "recipients", "delivered", report);
  } else if (type == "deliverydelay") {
    report.kind = ReportKind::delayed;
    add_recipients(*part, "delayedRecipients", "delayed", report);
  } else {
    return false;
  }
  if (const json::object* mail = object_of(root, "mail")) {
    report.envelope_id = text_of(*mail, "messageId");
    report.feedback.original_mail_from = text_of(*mail, "source");
  }
  return true;
}

}  // namespace

bool read_amazon(const ReportSource& source, DeliveryReport& report) {
  if (!source.says(PhraseTable::amazon)) return false;
  json::value root = parsed(json_text(source.text));
  if (root.is_object())
    if (const std::string message = text_of(root.get_object(), "Message"); !message.empty()) root = parsed(message);
  return root.is_object() && read_notification(root.get_object(), report);
}

}  // namespace mailmedic::message
