// The MIME tree: are its fields right, its parts closed and in order, its encodings what they say?
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "checks/lint/parts.hpp"
#include "lib/message/charset.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::lint {

namespace {

using message::Entity;

std::string place_of(std::size_t index, const Entity& entity) { return index == 0 ? std::string("message") : fmt::format("part {} ({})", index, entity.type.substr(0, 60)); }

/// RFC 2045 section 5.1.
bool is_token(std::string_view text) {
  constexpr std::string_view specials = "()<>@,;:\\\"/[]?=";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) { return c > ' ' && c < 127 && specials.find(c) == specials.npos; });
}

bool is_type(std::string_view text) {
  const auto slash = text.find('/');
  return slash != text.npos && is_token(text.substr(0, slash)) && is_token(text.substr(slash + 1));
}

/// RFC 2046 section 5.1.1.
bool is_boundary(std::string_view text) {
  constexpr std::string_view marks = "'()+_,-./:=? ";
  return !text.empty() && text.size() <= 70 && text.back() != ' ' && std::all_of(text.begin(), text.end(), [&](char c) { return text::is_alnum(c) || marks.find(c) != marks.npos; });
}

bool has_eight_bits(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 127; });
}

std::size_t longest_line(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    longest = std::max(longest, end > 0 && text[end - 1] == '\r' ? end - 1 : end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return longest;
}

/// Why base64 text can't be decoded; empty: it can.
std::string problem_of_base64(std::string_view text) {
  std::size_t letters = 0, padding = 0;
  for (const char c : text) {
    if (text::is_space(c)) continue;
    if (c == '=') ++padding;
    else if (!text::is_alnum(c) && c != '+' && c != '/') return fmt::format("the byte 0x{:02x} does not belong there", static_cast<unsigned char>(c));
    else if (padding > 0) return "data follows the padding";
    else ++letters;
  }
  if (padding > 2 || (letters + padding) % 4 != 0) return "its length is no multiple of four: it was cut, or padding is missing";
  return {};
}

class Judge {
 public:
  Judge(const Letter& letter, CheckReport& report) : letter_(letter), report_(report) {}

  void run() {
    const auto& all = letter_.structure.entities;
    judge_version();
    for (std::size_t i = 0; i < all.size(); ++i) {
      place_ = place_of(i, all[i]);
      judge_type(all[i]);
      if (all[i].is_multipart()) judge_multipart(all[i], i);
      else judge_encoding(all[i]);
    }
  }

 private:
  /// Each fault once: a message has hundreds of parts.
  void once(std::string_view id, Args args, std::string_view seen) {
    if (!said_.insert(id).second) return;
    args.emplace_back("part", place_);
    add(report_, id, std::move(args), place_, seen);
  }

  void judge_version() {
    const std::string value = letter_.shown("MIME-Version");
    const bool mime = letter_.has("Content-Type") || letter_.has("Content-Transfer-Encoding");
    if (mime && !value.starts_with("1.0")) add(report_, "lint.mime-version-missing", {}, "header", value.empty() ? "no field MIME-Version" : "MIME-Version: " + value);
  }

  void judge_type(const Entity& entity) {
    const std::string value = message::in_one_line(entity.content_type.substr(0, 300));
    if (!entity.content_type.empty() && !is_type(entity.type)) return once("lint.content-type-syntax", {{"type", value}}, value);
    if (!entity.is_text()) return;
    const std::string_view charset = message::parameter(entity.content_type, "charset");
    if (!charset.empty() && !message::is_known_charset(charset)) once("lint.charset-unknown", {{"charset", std::string(charset)}}, value);
    const bool eight = has_eight_bits(entity.body.substr(0, max_text_bytes));
    if (eight && (charset.empty() || text::equals_ignoring_case(charset, "us-ascii"))) once("lint.charset-missing", {}, value.empty() ? std::string("no Content-Type") : value);
  }

  void judge_multipart(const Entity& entity, std::size_t index) {
    const std::string value = message::in_one_line(entity.content_type.substr(0, 300)), boundary(entity.boundary.substr(0, 100));
    if (!is_boundary(entity.boundary)) once("lint.boundary-syntax", {{"boundary", boundary}}, value);
    if (entity.boundary.empty() || (letter_.structure.cut && !entity.found)) return;
    if (!entity.found) once("lint.boundary-nowhere", {{"boundary", boundary}}, value);
    else if (!entity.closed && !letter_.structure.cut) once("lint.multipart-open", {{"boundary", boundary}}, "no line --" + boundary + "--");
    if (index > 0 && letter_.structure.entities[entity.parent].boundary == entity.boundary) once("lint.boundary-reused", {{"boundary", boundary}}, value);
    const std::string encoding = text::lower(entity.encoding);
    if (!encoding.empty() && encoding != "7bit" && encoding != "8bit" && encoding != "binary") once("lint.multipart-encoded", {{"encoding", encoding}}, "Content-Transfer-Encoding: " + encoding);
  }

  void judge_encoding(const Entity& entity) {
    constexpr std::size_t longest = 76;  // RFC 2045 sections 6.7 and 6.8
    const std::string encoding = text::lower(text::trimmed(entity.encoding).substr(0, 60));
    const std::string_view body = entity.body;
    const std::string seen = "Content-Transfer-Encoding: " + (encoding.empty() ? std::string("7bit (nothing is said)") : encoding);
    const bool encoded = encoding == "quoted-printable" || encoding == "base64";
    if (encoding.empty() || encoding == "7bit" || encoded) {
      if (has_eight_bits(body)) once("lint.encoding-mismatch", {{"encoding", encoding.empty() ? "7bit" : encoding}}, seen);
    } else if (encoding == "8bit" || encoding == "binary") {
      if (encoding == "binary") once("lint.binary", {}, seen);
      else if (has_eight_bits(body)) once("lint.eight-bit", {}, seen);
    } else {
      once("lint.encoding-unknown", {{"encoding", encoding}}, seen);
    }
    if (!encoded) return;
    if (const std::size_t line = longest_line(body); line > longest) once("lint.encoded-line-long", {{"bytes", std::to_string(line)}, {"encoding", encoding}}, seen);
    if (encoding != "base64") return;
    if (const std::string why = problem_of_base64(body); !why.empty()) once("lint.base64-broken", {{"problem", why}}, body.substr(0, 80));
  }

  const Letter& letter_;
  CheckReport& report_;
  std::string place_;
  std::set<std::string_view> said_;
};

}  // namespace

void judge_mime(const Letter& letter, CheckReport& report) {
  if (!letter.fields.empty()) Judge(letter, report).run();
}

}  // namespace mailmedic::lint
