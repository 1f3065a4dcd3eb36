// The fields that every message has: who, when, which, to whom, about what.
#include <fmt/format.h>

#include <algorithm>

#include "checks/lint/parts.hpp"
#include "lib/message/date.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::lint {

namespace {

void judge_from(const Letter& letter, CheckReport& report) {
  const std::string value = message::in_one_line(letter.raw("From").substr(0, 600));
  if (!letter.has("From")) return add(report, "lint.from-missing", {}, "header", "no field From");
  const bool one = letter.from.mailboxes.size() == 1 && !letter.from.group;
  if (!letter.from.problem.empty()) add(report, "lint.from-syntax", {{"problem", letter.from.problem}}, "From", value);
  else if (!one) add(report, "lint.from-not-one", {{"count", std::to_string(letter.from.mailboxes.size())}}, "From", value);
  if (letter.from.mailboxes.size() > 1 && !letter.has("Sender")) add(report, "lint.sender-missing", {{"count", std::to_string(letter.from.mailboxes.size())}}, "From", value);
}

std::string day_and_time(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count());
}

/// When the message was taken by the last server, or now for one that was not sent yet.
std::chrono::sys_seconds arrival_of(const Letter& letter, TimePoint now) {
  const std::string_view trace = letter.raw("Received");
  if (const auto semicolon = trace.rfind(';'); semicolon != trace.npos)
    if (const auto time = message::read_date(trace.substr(semicolon + 1))) return *time;
  return std::chrono::floor<std::chrono::seconds>(now);
}

void judge_date(const Letter& letter, const Circumstances& about, CheckReport& report) {
  const std::string value = message::in_one_line(letter.raw("Date").substr(0, 200));
  if (!letter.has("Date")) return add(report, "lint.date-missing", {}, "header", "no field Date");
  const auto date = message::read_date(value);
  if (!date) return add(report, "lint.date-unreadable", {{"date", value}}, "Date", value);
  const auto arrival = arrival_of(letter, about.now);
  constexpr std::chrono::hours tolerated{24};
  const auto distance = std::chrono::abs(arrival - *date);
  if (distance <= tolerated || (!about.to_be_sent && !letter.was_received() && *date < arrival)) return;
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(distance).count();
  add(report, "lint.date-off", {{"date", day_and_time(*date)}, {"hours", std::to_string(hours)}, {"direction", *date > arrival ? "after" : "before"}, {"arrival", day_and_time(arrival)}}, "Date", value);
}

void judge_message_id(const Letter& letter, CheckReport& report) {
  std::string value = message::in_one_line(letter.raw("Message-ID").substr(0, 998));
  if (value.empty()) return add(report, "lint.message-id-missing", {}, "header", "no field Message-ID");
  const bool bracketed = value.size() > 2 && value.front() == '<' && value.back() == '>';
  const std::string inside = bracketed ? value.substr(1, value.size() - 2) : value;
  const bool spaces = std::any_of(inside.begin(), inside.end(), text::is_space);
  if (!bracketed || spaces || std::count(inside.begin(), inside.end(), '@') != 1 || inside.front() == '@' || inside.back() == '@')
    return add(report, "lint.message-id-syntax", {{"id", value}}, "Message-ID", value);
  const std::string_view right = std::string_view(inside).substr(inside.find('@') + 1);
  if (right.starts_with('[')) return;
  const auto domain = dns::Name::parse(right);
  const auto is_local = [&](std::string_view suffix) { return domain->text() == suffix.substr(1) || domain->text().ends_with(suffix); };
  if (!domain || domain->labels().size() < 2 || is_local(".local") || is_local(".localdomain") || is_local(".localhost") || is_local(".lan") || is_local(".invalid"))
    add(report, "lint.message-id-domain", {{"id", value}, {"domain", std::string(right)}}, "Message-ID", value);
}

void judge_recipients(const Letter& letter, CheckReport& report) {
  const auto to = message::address_list_of(letter.raw("To").substr(0, 4000)), cc = message::address_list_of(letter.raw("Cc").substr(0, 4000));
  if (!to.mailboxes.empty() || !cc.mailboxes.empty()) return;
  const std::string seen = letter.has("To") ? "To: " + message::in_one_line(letter.raw("To").substr(0, 200)) : std::string("neither To nor Cc");
  add(report, "lint.no-recipients", {}, "header", seen);
}

void judge_subject(const Letter& letter, CheckReport& report) {
  constexpr std::size_t longest = 255;  // Exchange Online's limit, in characters
  const std::string subject = letter.shown("Subject");
  if (text::trimmed(subject).empty()) return add(report, "lint.subject-missing", {}, "header", letter.has("Subject") ? "Subject is empty" : "no field Subject");
  const auto characters = static_cast<std::size_t>(std::count_if(subject.begin(), subject.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  if (characters > longest) add(report, "lint.subject-long", {{"characters", std::to_string(characters)}}, "Subject", subject);
}

}  // namespace

void judge_fields(const Letter& letter, const Circumstances& about, CheckReport& report) {
  if (letter.fields.empty()) return;  // told already
  judge_from(letter, report);
  judge_date(letter, about, report);
  judge_message_id(letter, report);
  judge_recipients(letter, report);
  judge_subject(letter, report);
}

}  // namespace mailmedic::lint
