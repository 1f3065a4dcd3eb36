#include "lib/message/report_source.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>

#include "lib/message/addresses.hpp"
#include "lib/message/charset.hpp"
#include "lib/message/html_text.hpp"
#include "lib/message/reply_words.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/byte_set.hpp"

namespace mailmedic::message {

namespace {

constexpr std::size_t most_text = 256 * 1024, most_status_text = 4 * 1024 * 1024, longest_line = 4000;

/// Lines that begin so, in lower case and without the dashes, spaces and stars around them, end what people read: the returned
/// message follows.
constexpr std::array<std::string_view, 14> returned_marks = {
    "message headers follow", "message header follows", "original message follows", "below this line is a copy of the message",
    "below is a copy of the original message", "included is a copy of the message header", "unsent message follows",
    "the original message follows", "original message headers:", "原始邮件", "原邮件", "以下是原邮件", "原始郵件", "исходное сообщение"};
/// These only behind dashes or the like: they also occur in sentences.
constexpr std::array<std::string_view, 9> decorated_marks = {
    "original message", "original mail", "returned message", "returned mail", "returned content", "this is a copy of",
    "enclosed is a copy", "the header of the original message", "the body of the message is"};

/// How both begin: most lines do not.
constexpr text::ByteSet first_bytes = [] {
  text::ByteSet out("");
  for (const std::string_view mark : returned_marks) out.add(mark.front());
  for (const std::string_view mark : decorated_marks) out.add(mark.front());
  for (char c = 'a'; c <= 'z'; ++c)
    if (out.has(c)) out.add(static_cast<char>(c - 'a' + 'A'));
  return out;
}();

/// What a mail system calls itself in From.
constexpr std::array<std::string_view, 9> daemons = {
    "mailer-daemon", "mailer_daemon", "mailerdaemon", "mail.delivery.system", "mail delivery", "mail-daemon", "mailsystem",
    "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e", "maildaemon"};
/// People write under these names too: a report only with its subject.
constexpr std::array<std::string_view, 3> postmasters = {"postmaster", "post_master", "system administrator"};

/// Subjects of reports, in lower case.
constexpr std::array<std::string_view, 45> subjects = {
    "undeliver", "returned mail", "delivery status notification", "mail delivery fail", "delivery failure", "failure notice",
    "failed delivery", "delivery has failed", "could not be delivered", "couldn't be delivered", "delivery notification",
    "mail system error", "delivery report", "undelivered", "mail failure", "delivery failed", "message delivery",
    "delivery delay", "delayed mail", "non-delivery", "nondeliverable", "mail status report", "delivery error",
    "error sending your mail", "permanent fatal", "notice: mail delivery", "message you sent blocked", "bounce",
    "delivery problem", "退信", "退回", "投递失败", "送达失败", "发送失败", "无法送达", "無法遞送", "无法投递", "未送达", "配信不能", "配信エラー", "配信できません", "送信できません", "недоставлен",
    "не доставлено", "non remis"};

/// Subjects of people who answer or forward.
constexpr std::array<std::string_view, 10> answers = {"re:", "fwd:", "fw:", "aw:", "wg:", "tr:", "rv:", "回复", "答复", "转发"};

/// "--- Original message follows." without what decorates it.
std::string_view undecorated(std::string_view line) {
  constexpr text::ByteSet decoration(" \t\n\v\f\r-=*_#");
  while (!line.empty() && decoration.has(line.front())) line.remove_prefix(1);
  return line;
}

bool marks_returned(std::string_view line, std::string_view bare) {
  if (line.starts_with("Received: ") || line.starts_with("Return-Path: ") || line.starts_with("Return-path: ")) return true;
  if (bare.empty() || bare.size() > 120 || !first_bytes.has(bare.front())) return false;
  const auto begins = [&](std::string_view mark) { return text::starts_with_ignoring_case(bare, mark); };
  const auto is_decorated = [&] { return text::trimmed(line.substr(0, 200)).size() > text::trimmed(bare).size(); };
  return std::any_of(returned_marks.begin(), returned_marks.end(), begins) ||
         (std::any_of(decorated_marks.begin(), decorated_marks.end(), begins) && is_decorated());
}

std::string with_ends(const Lines& lines) {
  std::size_t size = 0;
  for (const std::string_view line : lines) size += line.size() + 1;
  std::string out;
  out.reserve(size);
  for (const std::string_view line : lines) (out += line) += '\n';
  return out;
}

/// The paragraph of fields that holds one of them.
Lines fields_around(const Lines& lines, Lines::const_iterator one) {
  const auto is_empty = [](std::string_view line) { return text::trimmed(line).empty(); };
  const auto begin = std::find_if(std::make_reverse_iterator(one), lines.rend(), is_empty).base();
  return {begin, std::find_if(one, lines.end(), is_empty)};
}

bool has_message_header(const Header& header) {
  constexpr std::array<std::string_view, 10> usual = {
      "From", "To", "Subject", "Date", "Received", "Return-Path", "Message-ID", "MIME-Version", "Content-Type", "Delivered-To"};
  return std::any_of(usual.begin(), usual.end(), [&](std::string_view name) { return !header[name].empty(); });
}

bool is_returned_type(std::string_view type) {
  constexpr std::array<std::string_view, 9> types = {"message/rfc822",         "text/rfc822-headers", "text/rfc822-header",
                                                     "message/rfc822-headers", "message/global",      "message/global-headers",
                                                     "message/partial",        "text/rfc822",         "message/rfc822-header"};
  return std::find(types.begin(), types.end(), type) != types.end();
}

}  // namespace

ReportSource::ReportSource(std::string_view message) : header(message.substr(0, max_report_bytes)) {
  if (has_message_header(header)) {
    take_parts(parts_of(header));
  } else {
    pasted = true;
    header = Header({});
    add_text(message.substr(0, max_report_bytes), {}, false);
  }
  from = decoded_words(header["From"].substr(0, 2000));
  subject = decoded_words(header["Subject"].substr(0, 2000));
  for (const std::string_view name : {"X-Failed-Recipients", "X-Mailer-Daemon-Recipients", "X-Bounced-Address"})
    if (failed.empty()) failed = addresses_of(header[name].substr(0, 20'000));
  unquote();
  const auto is_feedback = [](std::string_view line) { return text::starts_with_ignoring_case(line, "Feedback-Type:"); };
  if (feedback_fields.empty())
    if (const auto begin = std::find_if(all_lines.begin(), all_lines.end(), is_feedback); begin != all_lines.end())
      feedback_fields = fields_around(all_lines, begin);
  cut_returned();
  lower = text::lower(with_ends(lines));
  judge_sender();
}

void ReportSource::take_parts(const std::vector<Part>& parts) {
  bool has_plain = false;
  const Part* html = nullptr;
  for (const Part& part : parts) {
    std::string storage;
    if (part.type == "message/delivery-status" || part.type == "message/global-delivery-status") {
      const auto fields = lines_of(utf8(decoded(part, storage, most_status_text), part.charset), max_report_recipients * 16);
      status_fields.insert(status_fields.end(), fields.begin(), fields.end());
      status_fields.emplace_back();
    } else if (part.type == "message/feedback-report") {
      feedback_fields = lines_of(utf8(decoded(part, storage, most_text), part.charset));
    } else if (part.type == "message/disposition-notification" || part.type == "message/global-disposition-notification") {
      receipt = true;
    } else if (is_returned_type(part.type)) {
      const std::string_view bytes = decoded(part, storage, max_report_bytes);
      const std::string_view lasting = bytes.data() == storage.data() ? kept(std::move(storage)) : bytes;
      if (returned.empty()) returned = lasting;
      if (part.type == "message/rfc822" || part.type == "message/global") inner.push_back(lasting);
    } else if (part.type == "text/plain" && returned.empty()) {
      // A header as an attachment is the returned one
      if (part.attached && has_plain) {
        const std::string_view bytes = decoded(part, storage, max_report_bytes);
        returned = bytes.data() == storage.data() ? kept(std::move(storage)) : bytes;
      } else {
        const std::string_view bytes = decoded(part, storage, most_text);
        add_text(bytes, part.charset, false);
        has_plain = has_plain || !text::trimmed(bytes).empty();
      }
    } else if (part.type == "text/html" && returned.empty() && html == nullptr) {
      html = &part;
    }
  }
  const bool wordless =
      std::all_of(all_lines.begin(), all_lines.end(), [](std::string_view line) { return text::trimmed(line).empty(); });
  if (html == nullptr || !wordless) return;
  std::string storage;
  const std::string_view bytes = decoded(*html, storage, most_text);
  add_text(bytes, html->charset, true);
}

void ReportSource::add_text(std::string_view bytes, std::string_view charset, bool html) {
  bytes = bytes.substr(0, most_text);
  const std::string_view added = html ? kept(html_text(to_utf8(bytes, charset))) : utf8(bytes, charset);
  if (text.empty()) text = added;
  texts_.push_back(added);
  const Lines more = lines_of(added);
  all_lines.insert(all_lines.end(), more.begin(), more.end());
  all_lines.push_back(added.substr(added.size()));
}

/// A forwarded report has "> " in front of its lines.
void ReportSource::unquote() {
  std::size_t quoted = 0, filled = 0;
  for (const std::string_view line : all_lines) {
    if (line.empty()) continue;
    ++filled;
    if (line.front() == '>') ++quoted;
  }
  if (quoted < 4 || quoted * 2 < filled) return;
  for (std::string_view& line : all_lines)
    if (line.starts_with("> "))
      line.remove_prefix(2);
    else if (line.starts_with('>'))
      line.remove_prefix(1);
}

void ReportSource::cut_returned() {
  bool filled = false;
  for (std::size_t i = 0; i < all_lines.size(); ++i) {
    const std::string_view line = all_lines[i];
    const std::string_view bare = undecorated(line.substr(0, 200));
    // The next part of a report that became one text: not for people, and not the returned message
    if (filled && (line.starts_with("Reporting-MTA:") || line.starts_with("Content-Type: message/"))) {
      const bool boundary = i > 0 && all_lines[i - 1].starts_with("--");
      lines.assign(all_lines.begin(), all_lines.begin() + static_cast<std::ptrdiff_t>(boundary ? i - 1 : i));
      return;
    }
    if (filled && marks_returned(line, bare)) {
      lines.assign(all_lines.begin(), all_lines.begin() + static_cast<std::ptrdiff_t>(i));
      if (!returned.empty() || i + 1 >= all_lines.size()) return;
      const std::size_t first = indent_of(line) == 0 && line.starts_with("Re") && line.find(": ") != line.npos ? i : i + 1;
      returned = text_from(all_lines[first]);
      while (!returned.empty() && (returned.front() == '\r' || returned.front() == '\n')) returned.remove_prefix(1);
      return;
    }
    filled = filled || !bare.empty();
  }
  lines = all_lines;
}

std::string_view ReportSource::text_from(std::string_view line) const {
  const std::less_equal<const char*> not_behind;
  for (const std::string_view text : texts_)
    if (not_behind(text.data(), line.data()) && not_behind(line.data(), text.data() + text.size()))
      return text.substr(static_cast<std::size_t>(line.data() - text.data()));
  return {};
}

void ReportSource::judge_sender() {
  const std::string sender = text::lower(from), topic = text::lower(subject);
  const std::string_view return_path = header["Return-Path"];
  const auto in = [](const std::string& text) { return [&](std::string_view piece) { return text.find(piece) != text.npos; }; };
  const bool answer =
      std::any_of(answers.begin(), answers.end(), [&](std::string_view start) { return topic.starts_with(start); });
  const bool about_delivery = !answer && std::any_of(subjects.begin(), subjects.end(), in(topic));
  const bool postmaster = std::any_of(postmasters.begin(), postmasters.end(), in(sender));
  daemon_sender = !failed.empty() || std::any_of(daemons.begin(), daemons.end(), in(sender)) || (postmaster && about_delivery);
  named_daemon = daemon_sender || postmaster || about_delivery;
  from_daemon = named_daemon || return_path == "<>";
}

std::string_view ReportSource::utf8(std::string_view bytes, std::string_view charset) {
  return kept(to_utf8(bytes, charset));
}

std::string_view ReportSource::kept(std::string text) {
  return memory_.emplace_back(std::move(text));
}

Lines lines_of(std::string_view text, std::size_t most) {
  Lines out;
  out.reserve(std::min<std::size_t>(most, text.size() / 32 + 8));
  while (!text.empty() && out.size() < most) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push_back(utf8_prefix(line, longest_line));
  }
  return out;
}

std::string joined(const Lines& lines, std::size_t begin, std::size_t end) {
  std::size_t size = 0;
  for (std::size_t i = begin; i < std::min(end, lines.size()); ++i) size += lines[i].size() + 1;
  std::string out;
  out.reserve(size);
  for (std::size_t i = begin; i < std::min(end, lines.size()); ++i) {
    const std::string_view line = text::trimmed(lines[i]);
    if (line.empty()) continue;
    if (!out.empty()) out += ' ';
    out += line;
  }
  return out;
}

std::size_t indent_of(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  return at;
}

}  // namespace mailmedic::message
