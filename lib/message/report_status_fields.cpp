// RFC 3464 (delivery status notifications), RFC 6533 (internationalised), RFC 5965 (complaints): reports made of fields.
#include <algorithm>

#include "lib/message/addresses.hpp"
#include "lib/message/charset.hpp"
#include "lib/message/fields.hpp"
#include "lib/message/reply_words.hpp"
#include "lib/message/report_readers.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/byte_set.hpp"

namespace mailmedic::message {

namespace {

struct StatusField {
  std::string_view name;
  std::string value;  ///< in one line
};

constexpr text::ByteSet not_in_type(" <@"), not_in_name(" \t<@"), behind_server(" (,"), behind_action(" ;(");

/// "dns; mx.example.org (192.0.2.1)" without its type.
std::string_view without_type(std::string_view value) {
  const auto semicolon = value.find(';');
  const bool typed = semicolon != value.npos && semicolon < 40 && not_in_type.first_in(value.substr(0, semicolon)) == semicolon;
  return text::trimmed(typed ? value.substr(semicolon + 1) : value);
}

/// Remote-MTA: "mx.example.org. (192.0.2.1, the server for ...)", "[192.0.2.1]", "192.0.2.1".
void read_remote(std::string_view value, RecipientReport& recipient) {
  const std::string_view server = without_type(value);
  std::string_view name = server.substr(0, behind_server.first_in(server));
  while (name.ends_with('.')) name.remove_suffix(1);
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  if (is_ip_address(name))
    recipient.remote_address = name;
  else
    recipient.remote_mta = name;
  // "mx (TCP|ours|port|theirs|port)" of Oracle: the second address is the remote one
  if (const auto tcp = server.find("(TCP|"); tcp != server.npos) {
    const auto pieces = text::split(server.substr(tcp), '|');
    if (pieces.size() >= 4 && is_ip_address(pieces[3])) recipient.remote_address = pieces[3];
    return;
  }
  if (recipient.remote_address.empty()) recipient.remote_address = server_of(server).address;
}

class StatusReader {
 public:
  explicit StatusReader(DeliveryReport& report) : report_(report) {}

  void run(const Lines& lines) {
    std::string_view name;
    std::string value;
    for (const std::string_view line : lines) {
      const bool folded = !line.empty() && (line.front() == ' ' || line.front() == '\t');
      if (folded && !name.empty()) {
        if (value.size() < 8000) value.append(" ").append(text::trimmed(line));
        continue;
      }
      take(name, value);
      name = {};
      if (text::trimmed(line).empty()) {
        end();
        continue;
      }
      const auto colon = line.find(':');
      if (colon == line.npos || not_in_name.first_in(line.substr(0, colon)) != colon) continue;
      name = line.substr(0, colon);
      value = text::trimmed(line.substr(colon + 1));
    }
    take(name, value);
    end();
  }

  bool found() const { return found_; }

 private:
  void take(std::string_view name, const std::string& value) {
    if (name.empty()) return;
    const auto is = [&](std::string_view known) { return text::equals_ignoring_case(name, known); };
    if (is("Reporting-MTA"))
      report_.reporting_mta = without_type(value), found_ = true;
    else if (is("Received-From-MTA"))
      report_.received_from = without_type(value);
    else if (is("Original-Envelope-Id"))
      report_.envelope_id = value;
    else if (is("Arrival-Date"))
      report_.arrival_date = value;
    else if (is("Final-Recipient"))
      begin(final_), final_ = typed_address(value);
    else if (is("Original-Recipient"))
      begin(original_), original_ = typed_address(value);
    else if (is("X-Actual-Recipient") && original_.empty())
      begin(actual_), actual_ = typed_address(value);
    else if (is("Action"))
      begin(now_.action), now_.action = text::lower(std::string_view(value).substr(0, behind_action.first_in(value)));
    else if (is("Status"))
      begin(status_), status_ = status_at(value);
    else if (is("Remote-MTA"))
      read_remote(value, now_);
    else if (is("Last-Attempt-Date"))
      now_.last_attempt = value;
    else if (is("Diagnostic-Code"))
      diagnostic_ = without_type(value);
  }

  /// A field that is there already begins the next recipient, where the empty line between them is lost.
  void begin(const std::string& field) {
    if (!field.empty()) end();
  }

  void end() {
    const bool is_recipient = !final_.empty() || !original_.empty();
    if (is_recipient && report_.recipients.size() < max_report_recipients) {
      RecipientReport& out = report_.recipients.emplace_back(std::move(now_));
      name_recipient(out);
      if (!diagnostic_.empty()) understand(diagnostic_, out);
      out.status = best_status(status_, out.status, out.reply_code);
      found_ = true;
    }
    now_ = {};
    final_.clear(), original_.clear(), actual_.clear(), status_.clear(), diagnostic_.clear();
  }

  void name_recipient(RecipientReport& out) const {
    const bool local = !is_address(final_) || final_.find('.', final_.rfind('@')) == final_.npos;
    out.recipient = local && is_address(original_) ? original_ : final_;
    if (out.recipient.empty()) out.recipient = original_;
    if (!text::equals_ignoring_case(out.recipient, original_)) out.original_recipient = original_;
  }

  DeliveryReport& report_;
  RecipientReport now_;
  std::string final_, original_, actual_, status_, diagnostic_;
  bool found_ = false;
};

}  // namespace

bool read_status_fields(const Lines& lines, DeliveryReport& report) {
  StatusReader reader(report);
  reader.run(lines);
  for (RecipientReport& recipient : report.recipients)
    if (recipient.action == "deliverable") recipient.action = "delivered";  // what `sendmail -bv` writes
  return reader.found();
}

bool read_feedback(const ReportSource& source, DeliveryReport& report) {
  // Outlook.com sends complaints without a report: what was returned says who complained
  if (source.feedback_fields.empty()) {
    constexpr std::string_view name = "X-HmXmrOriginalRecipient";
    const bool has_it = source.returned.find(name) != std::string_view::npos;
    const std::string complainer = has_it ? in_one_line(Header(source.returned)[name]) : std::string();
    if (complainer.empty()) return false;
    report.kind = ReportKind::feedback;
    report.format = "outlook-complaint";
    report.feedback.type = "abuse";
    report.recipients.emplace_back().recipient = typed_address(complainer);
    return true;
  }
  report.kind = ReportKind::feedback;
  report.format = "rfc5965";
  Feedback& out = report.feedback;
  std::string text;
  for (const std::string_view line : source.feedback_fields) text.append(line).append("\n");
  const Header fields(text);
  const auto value = [&](std::string_view name) { return in_one_line(fields[name]); };
  out.type = text::lower(value("Feedback-Type"));
  out.user_agent = value("User-Agent");
  out.source_address = value("Source-IP");
  out.original_mail_from = typed_address(value("Original-Mail-From"));
  out.reported_domain = value("Reported-Domain");
  out.arrival_date = value("Arrival-Date");
  if (out.arrival_date.empty()) out.arrival_date = value("Received-Date");
  out.auth_failure = value("Auth-Failure");
  report.reporting_mta = typed_address(value("Reporting-MTA"));
  if (out.type.empty()) out.type = "other";  // RFC 5965 section 3.1 wants one
  report.envelope_id = value("Original-Envelope-Id");
  report.arrival_date = out.arrival_date;
  const auto add = [&](std::string_view address) {
    if (address.empty() || report.recipients.size() == max_report_recipients) return;
    report.recipients.emplace_back().recipient = address;
  };
  for (const RawField& field : fields.fields())
    if (text::equals_ignoring_case(field.name, "Original-Rcpt-To") || text::equals_ignoring_case(field.name, "Removal-Recipient"))
      add(typed_address(field.value));
  if (!report.recipients.empty()) return true;
  const Header returned(source.returned);
  for (const std::string& address : addresses_of(returned["To"].substr(0, 20'000))) add(address);
  return true;
}

}  // namespace mailmedic::message
