#include "lib/smtp/reply.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/text/ascii.hpp"

namespace mailmedic::smtp {

namespace {
/// Takes 1 to `most` digits from the front; -1 when there is none.
int take_number(std::string_view& text, std::size_t most) {
  std::size_t size = 0;
  int value = 0;
  while (size < text.size() && size < most && text::is_digit(text[size])) value = value * 10 + (text[size++] - '0');
  text.remove_prefix(size);
  return size == 0 ? -1 : value;
}

bool take_dot(std::string_view& text) {
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

/// First digit 2 to 5, second 0 to 5; the third is free. RFC 5321 section 4.2. A wrong second digit is let pass.
bool may_start_code(std::string_view text) {
  if (text.empty()) return true;
  if (text[0] < '2' || text[0] > '5') return false;
  for (std::size_t i = 1; i < std::min<std::size_t>(text.size(), 3); ++i)
    if (!text::is_digit(text[i])) return false;
  return text.size() < 4 || text[3] == ' ' || text[3] == '-' || text[3] == '\r' || text[3] == '\n';
}
}  // namespace

std::string EnhancedCode::text() const { return fmt::format("{}.{}.{}", status_class, subject, detail); }

std::optional<EnhancedCode> enhanced_code(std::string_view text) {
  EnhancedCode out;
  out.status_class = take_number(text, 1);
  if (out.status_class != 2 && out.status_class != 4 && out.status_class != 5) return std::nullopt;
  if (!take_dot(text) || (out.subject = take_number(text, 3)) < 0) return std::nullopt;
  if (!take_dot(text) || (out.detail = take_number(text, 3)) < 0) return std::nullopt;
  if (!text.empty() && (text[0] == '.' || text::is_alnum(text[0]))) return std::nullopt;
  return out;
}

std::string Reply::text() const { return fmt::format("{} {}", code, text::joined(lines, " / ")); }

std::size_t ReplyParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ == State::incomplete) {
    const auto rest = bytes.substr(used);
    const auto end = rest.find('\n');
    const std::size_t room = limits_.line - std::min(limits_.line, pending_.size());
    const std::size_t size = std::min({end == std::string_view::npos ? rest.size() : end, room, limits_.bytes - bytes_});
    pending_ += rest.substr(0, size);
    bytes_ += size;
    used += size;
    if (size == end) {
      ++used;
      end_line();
    } else if (size < rest.size()) {
      raw_lines_.push_back(pending_);
      fail(State::too_long, fmt::format("no line end within {} bytes", pending_.size()));
    }
  }
  return used;
}

void ReplyParser::end_line() {
  std::string line = std::move(pending_);
  pending_.clear();
  if (line.ends_with('\r'))
    line.pop_back();
  else
    reply_.bare_lf = true;
  raw_lines_.push_back(line);
  if (line.size() < 3 || !may_start_code(line)) return fail(State::malformed, "a line without a reply code");
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  const bool last = line.size() < 4 || line[3] != '-';
  if (reply_.lines.empty())
    reply_.enhanced = enhanced_code(line.size() > 4 ? std::string_view(line).substr(4) : std::string_view());
  else if (code != reply_.code)
    reply_.other_codes.push_back(reply_.code);
  reply_.code = code;
  reply_.lines.push_back(line.size() > 4 ? line.substr(4) : std::string());
  if (last) {
    state_ = State::complete;
    std::erase(reply_.other_codes, code);
  } else if (reply_.lines.size() >= limits_.lines) {
    fail(State::too_long, fmt::format("more than {} lines", limits_.lines));
  } else if (bytes_ >= limits_.bytes) {
    fail(State::too_long, fmt::format("more than {} bytes", limits_.bytes));
  }
}

void ReplyParser::fail(State state, std::string why) {
  state_ = state;
  why_ = std::move(why);
}

Reply ReplyParser::take() {
  Reply out = std::move(reply_);
  reply_ = Reply();
  state_ = State::incomplete;
  bytes_ = 0;
  return out;
}

std::vector<std::string> ReplyParser::take_raw_lines() { return std::exchange(raw_lines_, {}); }
bool ReplyParser::pending_is_foreign() const { return !may_start_code(pending_); }

}  // namespace mailmedic::smtp
