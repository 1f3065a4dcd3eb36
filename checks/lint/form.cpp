// The bytes of the message: lines, fields, how many and how large.
#include <fmt/format.h>

#include <algorithm>

#include "checks/lint/parts.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::lint {

namespace {

bool is_eight_bit(char c) { return static_cast<unsigned char>(c) > 127; }

/// Around the first byte that `is_it`.
template <typename Test>
std::string_view around(std::string_view text, Test is_it) {
  const auto found = std::find_if(text.begin(), text.end(), is_it);
  const auto at = static_cast<std::size_t>(found - text.begin());
  return text.substr(at < 40 ? 0 : at - 40, 80);
}

void judge_lines(const Letter& letter, CheckReport& report) {
  constexpr std::size_t allowed = 998, advised = 78;  // RFC 5322 section 2.1.1
  if (letter.fields.empty()) add(report, "lint.no-header", {}, "start of the message", letter.text.substr(0, 200));
  else if (letter.not_a_field) add(report, "lint.not-a-field", {{"field", std::string(letter.fields.back().name)}}, "header", *letter.not_a_field);
  if (letter.ends.nul) add(report, "lint.nul", {}, "message", around(letter.text, [](char c) { return c == 0; }));
  if (letter.ends.bare_cr > 0) {
    const auto at = letter.text.find('\r');
    add(report, "lint.bare-cr", {{"count", std::to_string(letter.ends.bare_cr)}}, "message", fmt::format("{} CR without LF; the first CR is byte {}", letter.ends.bare_cr, at));
  }
  if (letter.ends.crlf > 0 && letter.ends.lf > 0)
    add(report, "lint.mixed-line-ends", {{"crlf", std::to_string(letter.ends.crlf)}, {"lf", std::to_string(letter.ends.lf)}}, "message", fmt::format("{} lines end in CRLF, {} in LF alone", letter.ends.crlf, letter.ends.lf));
  const std::size_t longest = std::max(letter.longest_header_line, letter.longest_body_line);
  const std::string where = letter.longest_header_line > letter.longest_body_line ? "header" : "body";
  if (longest > allowed) add(report, "lint.line-too-long", {{"bytes", std::to_string(longest)}, {"where", where}}, where, fmt::format("the longest line has {} bytes", longest));
  else if (longest > advised) add(report, "lint.line-over-78", {{"bytes", std::to_string(longest)}, {"where", where}}, where, fmt::format("the longest line has {} bytes", longest));
}

/// RFC 5322 section 3.6. From and Date are missing in judge_fields.
void judge_repeats(const Letter& letter, CheckReport& report) {
  for (const std::string_view name : {"From", "Date", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}) {
    const auto values = letter.all(name);
    if (values.size() < 2) continue;
    std::string shown;
    for (const std::string_view value : values) shown += fmt::format("{}: {}\n", name, message::in_one_line(value.substr(0, 100)));
    add(report, "lint.repeated-field", {{"field", std::string(name)}, {"count", std::to_string(values.size())}}, "header", text::trimmed(shown));
  }
}

/// Was it received by RFC 6531, "with UTF8SMTPS"? Then UTF-8 may stand in the header.
bool came_by_smtputf8(const Letter& letter) {
  const auto received = letter.all("Received");
  return std::any_of(received.begin(), received.end(), [](std::string_view field) { return text::lower(field.substr(0, 2000)).find("with utf8") != std::string::npos; });
}

void judge_raw_bytes(const Letter& letter, CheckReport& report) {
  if (came_by_smtputf8(letter)) return;
  for (const message::RawField& field : letter.fields) {
    if (std::none_of(field.value.begin(), field.value.end(), is_eight_bit)) continue;
    const bool utf8 = text::is_utf8(field.value);
    return add(report, "lint.raw-non-ascii", {{"field", std::string(field.name)}, {"charset", utf8 ? "UTF-8" : "no UTF-8"}}, "header", message::in_one_line(field.whole.substr(0, 400)));
  }
}

void judge_size(const Letter& letter, CheckReport& report) {
  // The smallest of what is in common use: sendmail's MaxHeadersLength 32768. Gmail's and Exchange's limits are larger.
  constexpr std::size_t header_bytes = 32 * 1024, many_fields = 200, references_bytes = 8 * 1024;
  if (letter.cut || letter.head.size() > header_bytes || letter.fields.size() > many_fields)
    add(report, "lint.header-large", {{"bytes", std::to_string(letter.head.size())}, {"fields", std::to_string(letter.fields.size())}}, "header",
        fmt::format("{}{} fields, {} bytes", letter.cut ? "more than " : "", letter.fields.size(), letter.head.size()));
  if (const auto references = letter.raw("References"); references.size() > references_bytes)
    add(report, "lint.references-long", {{"bytes", std::to_string(references.size())}}, "References", references);
}

}  // namespace

void judge_form(const Letter& letter, CheckReport& report) {
  judge_lines(letter, report);
  judge_repeats(letter, report);
  judge_raw_bytes(letter, report);
  judge_size(letter, report);
}

}  // namespace mailmedic::lint
