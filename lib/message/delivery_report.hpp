#pragma once
// What a returned message says: of whom, what happened, and in which words. Pure; nothing is judged here.
#include <string>
#include <string_view>
#include <vector>

namespace mailmedic::message {

/// What kind of message this is. Complaints, auto-replies and delay notices are no bounces. RFC 3464, 3834, 5965.
enum class ReportKind { bounce, delayed, delivered, feedback, auto_reply, none };

/// What a report says of one recipient. Every text is UTF-8 in one line; empty where the report has no such thing.
struct RecipientReport {
  std::string recipient;           ///< the address, without its type "rfc822;"
  std::string original_recipient;  ///< as the sender wrote it, where it is known to differ
  std::string action;              ///< failed, delayed, delivered, relayed or expanded. RFC 3464 section 2.3.3
  std::string status;              ///< enhanced code, "5.1.1", that fits best: of the reply's own text, else of the field Status
  std::string reply_code;          ///< "550"
  std::string command;             ///< what was refused: CONN, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA (the command or the text)
  std::string diagnostic;          ///< what the refusing server said, without "smtp;"
  std::string remote_mta;          ///< the name of the server that refused
  std::string remote_address;      ///< its IP address
  std::string last_attempt;        ///< date, as written
};

/// A complaint. RFC 5965 section 3.
struct Feedback {
  std::string type;  ///< abuse, fraud, virus, opt-out, not-spam, auth-failure, other
  std::string user_agent, source_address, original_mail_from, reported_domain, arrival_date, auth_failure;
};

struct DeliveryReport {
  ReportKind kind = ReportKind::none;
  std::string format;         ///< which reader understood it: "rfc3464", "qmail", "exim", ...
  std::string reporting_mta;  ///< the server that wrote the report
  std::string received_from, envelope_id, arrival_date, subject;
  std::string date;          ///< when the report was written, as its header has it
  std::string addressed_to;  ///< to whom it was sent: the envelope sender of what failed. RFC 5321 section 4.5.5
  bool from_daemon = false;  ///< its sender is certainly a mail system's, whatever could be read of the rest
  std::vector<RecipientReport> recipients;
  Feedback feedback;
  std::string returned;  ///< the returned message or its header, bytes as they are; empty where there is none
};

/// Reads one message of at most max_report_bytes; bytes in any charset, CRLF or LF, also a report within a forward.
/// What can't be understood is ReportKind::none, never an error.
DeliveryReport read_delivery_report(std::string_view message);
inline constexpr std::size_t max_report_bytes = 64 * 1024 * 1024, max_report_recipients = 10'000;

}  // namespace mailmedic::message
