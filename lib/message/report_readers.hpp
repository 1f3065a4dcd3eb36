#pragma once
// The readers of delivery reports: one file a family of formats. Internal to lib/message.
#include <string>
#include <string_view>
#include <vector>

#include "lib/message/delivery_report.hpp"
#include "lib/message/report_source.hpp"

namespace mailmedic::message {

/// What a reader of plain words found out of one recipient.
struct Told {
  std::string recipient;           ///< an address, or what stands for one
  std::string original_recipient;  ///< of which it was made, where it says so
  std::string words;               ///< what is said of it
  std::string context;             ///< what else tells of the server and the command
};

/// Takes what it understands; nothing where the text is not of its family.
using WordReader = std::vector<Told> (*)(const ReportSource&);

std::vector<Told> read_sendmail(const ReportSource& source);    ///< and what imitates it: addresses, then a transcript
std::vector<Told> read_indented(const ReportSource& source);    ///< Exim, Exchange 5.5: the address, its words indented below
std::vector<Told> read_bracketed(const ReportSource& source);   ///< Postfix, qmail, Courier: "<address>: words"
std::vector<Told> read_colon(const ReportSource& source);       ///< OpenSMTPD: "address: words"
std::vector<Told> read_exchange(const ReportSource& source);    ///< Exchange since 2007: below "Generating server:"
std::vector<Told> read_labelled(const ReportSource& source);    ///< gateways, webmail: "recipient label ... reason label ..."
std::vector<Told> read_free_words(const ReportSource& source);  ///< nothing known but who sent it

/// The fields of RFC 3464 in lines: of a message/delivery-status, or pasted into a text. False where there are none.
bool read_status_fields(const Lines& lines, DeliveryReport& report);
/// RFC 5965, from `feedback_fields`.
bool read_feedback(const ReportSource& source, DeliveryReport& report);
/// Notifications of Amazon SES, also within an SNS envelope.
bool read_amazon(const ReportSource& source, DeliveryReport& report);
/// RFC 3834: vacation notes, receipts, challenges; and what unsubscribes by mail.
bool read_automatic(const ReportSource& source, DeliveryReport& report);

/// Fills codes, command, server and diagnostic from the words; what is known already stays.
void understand(std::string_view words, RecipientReport& recipient);
void understand(const Told& told, RecipientReport& recipient);

/// The enhanced code that fits best: a specific one of the remote's words before the field Status, which some servers
/// always write as x.0.0 and others with their own view ("4.4.7, expired") of what the remote refused.
std::string best_status(std::string_view field, std::string_view words, std::string_view reply);

/// Which software wrote the words, "text" where they do not say.
std::string_view format_of(const ReportSource& source);

/// Whether the words announce another attempt.
bool says_delayed(const ReportSource& source);

/// "rfc822; joe@example.org" without its type, angle brackets, comment and route; utf-8 addresses decoded. RFC 3464
/// section 2.3.2, RFC 6533 section 3.
std::string typed_address(std::string_view value);

}  // namespace mailmedic::message
