#include "lib/message/delivery_report.hpp"

#include <algorithm>
#include <array>

#include "lib/message/addresses.hpp"
#include "lib/message/charset.hpp"
#include "lib/message/fields.hpp"
#include "lib/message/reply_words.hpp"
#include "lib/message/report_readers.hpp"
#include "lib/message/report_source.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::message {

namespace {

constexpr int most_forwards = 4;  ///< a report within a forward within a forward ...

/// In this order: the more particular first.
constexpr std::array<WordReader, 7> word_readers = {
    read_sendmail, read_exchange, read_indented, read_bracketed, read_colon, read_labelled, read_free_words};

/// Recipients twice in a text (mail.ru writes its report in two languages) are one.
std::vector<Told> without_repetitions(std::vector<Told> all) {
  std::vector<Told> out;
  for (Told& one : all) {
    const auto same = [&](const Told& other) { return text::equals_ignoring_case(other.recipient, one.recipient); };
    if (out.size() < 200 && std::any_of(out.begin(), out.end(), same)) continue;
    if (out.size() == max_report_recipients) break;
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<Told> told_by(const ReportSource& source) {
  for (const WordReader reader : word_readers)
    if (auto told = reader(source); !told.empty()) return without_repetitions(std::move(told));
  return {};
}

/// What the words know and the fields do not. The words of one recipient, or of the only one.
void complete(RecipientReport& recipient, const Told& told, bool transcript) {
  RecipientReport words;
  understand(told, words);
  const auto take = [](std::string& ours, std::string& theirs) {
    if (ours.empty()) ours = std::move(theirs);
  };
  // A reply of several lines, of which Sendmail puts only the first into the field
  const bool cut = transcript && !words.reply_code.empty() && words.reply_code == recipient.reply_code &&
                   words.diagnostic.size() > recipient.diagnostic.size() && words.diagnostic.starts_with(recipient.diagnostic);
  if ((recipient.reply_code.empty() && !words.reply_code.empty()) || recipient.diagnostic.empty() || cut) {
    if (!words.diagnostic.empty()) recipient.diagnostic = std::move(words.diagnostic);
    if (!words.reply_code.empty()) recipient.status = best_status(recipient.status, words.status, words.reply_code);
  }
  take(recipient.status, words.status);
  take(recipient.reply_code, words.reply_code);
  take(recipient.command, words.command);
  take(recipient.remote_mta, words.remote_mta);
  // The address belongs to that name
  if (recipient.remote_address.empty() &&
      (words.remote_mta.empty() || text::equals_ignoring_case(words.remote_mta, recipient.remote_mta)))
    recipient.remote_address = std::move(words.remote_address);
  if (recipient.original_recipient.empty() && told.original_recipient != recipient.recipient)
    recipient.original_recipient = told.original_recipient;
}

void complete_all(std::vector<RecipientReport>& recipients, const std::vector<Told>& told, bool transcript) {
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    RecipientReport& recipient = recipients[i];
    const auto same = [&](const Told& one) {
      return text::equals_ignoring_case(one.recipient, recipient.recipient) ||
             (!recipient.original_recipient.empty() && text::equals_ignoring_case(one.recipient, recipient.original_recipient));
    };
    // Mostly both are in the same order
    auto words = i < told.size() && same(told[i]) ? told.begin() + static_cast<std::ptrdiff_t>(i)
                                                  : std::find_if(told.begin(), told.end(), same);
    if (words == told.end() && told.size() == 1 && recipients.size() == 1) words = told.begin();
    if (words == told.end()) continue;
    // A pipe or a file is no recipient; whose it was stands in the words
    if (!is_address(recipient.recipient) && is_address(words->recipient)) recipient.recipient = words->recipient;
    complete(recipient, *words, transcript);
  }
}

ReportKind kind_of(const std::vector<RecipientReport>& recipients) {
  const auto any = [&](std::string_view action) {
    return std::any_of(recipients.begin(), recipients.end(), [&](const RecipientReport& one) { return one.action == action; });
  };
  if (any("failed")) return ReportKind::bounce;
  if (any("delayed")) return ReportKind::delayed;
  return recipients.empty() ? ReportKind::none : ReportKind::delivered;
}

/// An action that is missing or none of RFC 3464 section 2.3.3 follows from the status, or else from the words.
void name_actions(DeliveryReport& report, const ReportSource& source) {
  std::optional<bool> delayed;
  constexpr std::array<std::string_view, 5> known = {"failed", "delayed", "delivered", "relayed", "expanded"};
  for (RecipientReport& one : report.recipients) {
    if (std::find(known.begin(), known.end(), one.action) != known.end()) continue;
    if (!delayed) delayed = says_delayed(source);
    one.action = *delayed                                                                                 ? "delayed"
                 : one.status.starts_with('2') || (one.status.empty() && one.reply_code.starts_with('2')) ? "delivered"
                                                                                                          : "failed";
  }
}

bool read_status(const ReportSource& source, DeliveryReport& report) {
  const bool in_text = source.status_fields.empty();
  if (in_text && !source.pasted && std::none_of(source.all_lines.begin(), source.all_lines.end(), [](std::string_view line) {
        return text::starts_with_ignoring_case(line, "Final-Recipient:") ||
               text::starts_with_ignoring_case(line, "Original-Recipient:");
      }))
    return false;
  const bool found = read_status_fields(in_text ? source.all_lines : source.status_fields, report);
  if (!found || (in_text && report.recipients.empty())) return false;
  report.format = "rfc3464";
  const std::vector<Told> told = told_by(source);
  if (report.recipients.empty()) {
    for (const Told& one : told) {
      report.recipients.emplace_back().recipient = one.recipient;
      complete(report.recipients.back(), one, false);
    }
  }
  complete_all(report.recipients, told, source.says(PhraseTable::transcripts));
  if (report.recipients.empty()) {  // "delivery report unavailable": what was returned knows to whom it went
    const Header returned(source.returned);
    for (const std::string& address : addresses_of(returned["To"].substr(0, 20'000)))
      report.recipients.emplace_back().recipient = address;
  }
  name_actions(report, source);
  report.kind = kind_of(report.recipients);
  return !report.recipients.empty();
}

bool read_words(const ReportSource& source, DeliveryReport& report) {
  std::vector<Told> told = told_by(source);
  if (told.empty()) return false;
  report.format = format_of(source);
  for (Told& one : told) {
    RecipientReport& out = report.recipients.emplace_back();
    out.recipient = std::move(one.recipient);
    out.original_recipient = std::move(one.original_recipient);
    understand(one, out);
  }
  name_actions(report, source);
  report.kind = kind_of(report.recipients);
  return true;
}

/// The report in the text of a forward: behind the line that announces it.
std::string_view forwarded_text(const ReportSource& source) {
  constexpr std::array<std::string_view, 9> marks = {
      "begin forwarded message", "forwarded message", "original message", "weitergeleitete nachricht", "message transféré",
      "转发邮件", "原始邮件", "轉寄郵件", "転送"};
  for (std::size_t i = 0; i + 1 < source.all_lines.size(); ++i) {
    const std::string lower = text::lower(source.all_lines[i].substr(0, 200));
    if (std::none_of(marks.begin(), marks.end(), [&](std::string_view mark) { return lower.find(mark) != lower.npos; })) continue;
    std::size_t first = i + 1;
    while (first < source.all_lines.size() && text::trimmed(source.all_lines[first]).empty()) ++first;
    return first == source.all_lines.size() ? std::string_view() : source.text_from(source.all_lines[first]);
  }
  return {};
}

/// JSON can hold what the lines of a mail can't.
void tidy(std::string& text) {
  if (!text::is_utf8(text)) text = to_utf8(text, {});
  if (text.find('\n') != text.npos || text.find('\r') != text.npos) text = in_one_line(text);
}

void tidy(DeliveryReport& report) {
  for (std::string* text :
       {&report.reporting_mta, &report.received_from, &report.envelope_id, &report.arrival_date, &report.subject, &report.date, &report.addressed_to})
    tidy(*text);
  for (RecipientReport& one : report.recipients)
    for (std::string* text : {&one.recipient, &one.original_recipient, &one.action, &one.diagnostic, &one.remote_mta,
                              &one.remote_address, &one.last_attempt})
      tidy(*text);
}

DeliveryReport read(std::string_view message, int forwards) {
  DeliveryReport report;
  const ReportSource source(message);
  const bool understood = read_feedback(source, report) ||
                          (!source.receipt && (read_status(source, report) || read_amazon(source, report))) ||
                          (!source.named_daemon && read_automatic(source, report)) ||
                          (!source.receipt && read_words(source, report)) || read_automatic(source, report);
  if (!understood && forwards < most_forwards) {
    report = {};
    for (const std::string_view inner : source.inner)
      if (DeliveryReport found = read(inner, forwards + 1); found.kind != ReportKind::none) return found;
    if (const std::string_view text = forwarded_text(source); !text.empty())
      if (DeliveryReport found = read(text, forwards + 1); found.kind != ReportKind::none) return found;
  }
  report.subject = source.subject;
  report.from_daemon = source.daemon_sender;
  report.date = source.header["Date"];
  if (const auto to = addresses_of(source.header["To"].substr(0, 20'000)); to.size() == 1) report.addressed_to = to.front();
  if (understood) report.returned = source.returned;
  tidy(report);
  return report;
}

}  // namespace

DeliveryReport read_delivery_report(std::string_view message) {
  return read(message, 0);
}

}  // namespace mailmedic::message
