#include <fmt/format.h>

#include <algorithm>

#include "checks/signature/damage.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::signature {

namespace {
/// Bytes that are hashed for one body, so that a large one takes no minutes.
constexpr std::size_t hash_budget = 200'000'000;
/// Lines of a footer or banner that are looked for.
constexpr std::size_t longest_insertion = 60;

/// The lines of a body with their ends.
std::vector<std::string_view> lines_of(std::string_view body) {
  std::vector<std::string_view> out;
  while (!body.empty()) {
    const auto end = body.find('\n');
    const std::size_t size = end == body.npos ? body.size() : end + 1;
    out.push_back(body.substr(0, size));
    body.remove_prefix(size);
  }
  return out;
}
std::string_view without_end(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

template <typename Change>
std::string each_line(const std::vector<std::string_view>& lines, Change change) {
  std::string out;
  for (const std::string_view line : lines) out += std::string(change(without_end(line))) + "\r\n";
  return out;
}

int hex_of(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

std::string from_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
    } else if (i + 2 < text.size() && hex_of(text[i + 1]) >= 0 && hex_of(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_of(text[i + 1]) * 16 + hex_of(text[i + 2]));
      i += 2;
    } else {
      const auto end = text.find('\n', i);
      i = end == text.npos ? text.size() : end;  // a soft line break
    }
  }
  return out;
}

/// Looks for the change of one body.
class Search {
 public:
  Search(const dkim::SignatureField& tags, std::string_view body, dkim::Hasher& hasher) : tags_(tags), body_(body), hasher_(hasher), lines_(lines_of(body)) {}

  std::optional<Damage> run() {
    if (auto found = other_form()) return found;
    if (auto found = whole_lines()) return found;
    if (auto found = footer_or_banner()) return found;
    if (auto found = inside_a_part()) return found;
    return wrapped();
  }

 private:
  bool fits(std::string_view body) { return fits(body, tags_.body); }
  bool fits(std::string_view body, dkim::Canonicalization form) {
    hashed_ += body.size() + 1;
    return hashed_ <= hash_budget && hasher_.body(body, form, tags_.length).bytes == tags_.body_hash;
  }

  std::optional<Damage> other_form() {
    using enum dkim::Canonicalization;
    if (tags_.length && hasher_.body(body_, tags_.body).bytes == tags_.body_hash) return Damage{"signature.length-tag-wrong", {{"length", std::to_string(*tags_.length)}}, "l=" + std::to_string(*tags_.length)};
    const auto other = tags_.body == simple ? relaxed : simple;
    if (fits(body_, other))
      return Damage{"signature.canonicalization-wrong", {{"said", std::string(dkim::canonicalization_text(tags_.body))}, {"used", std::string(dkim::canonicalization_text(other))}}, ""};
    return std::nullopt;
  }

  /// Changes that touch every line alike.
  std::optional<Damage> whole_lines() {
    const auto found = [&](std::string_view id, std::string_view mark) {
      std::string seen;
      for (const std::string_view line : lines_)
        if (seen.empty() && line.find(mark) != line.npos) seen = without_end(line);
      return Damage{id, {}, seen.substr(0, 200)};
    };
    const std::string joined(body_);
    std::string without_cr = joined;
    std::erase(without_cr, '\r');
    if (fits(without_cr)) return found("signature.line-ends-changed", "\r");
    if (fits(each_line(lines_, [](std::string_view line) { return line.starts_with(">From ") ? line.substr(1) : line; }))) return found("signature.from-escaped", ">From ");
    if (fits(each_line(lines_, [](std::string_view line) { return line.starts_with("..") ? line.substr(1) : line; }))) return found("signature.dots-changed", "..");
    if (fits(each_line(lines_, [](std::string_view line) { return line.starts_with('.') ? "." + std::string(line) : std::string(line); }))) return found("signature.dots-changed", ".");
    if (fits(each_line(lines_, [](std::string_view line) { return line.substr(0, line.find_last_not_of(" \t") + 1); }))) return found("signature.white-space-changed", " ");
    if (fits(each_line(lines_, [](std::string_view line) { return std::string(line) + (line == "--" ? " " : ""); }))) return found("signature.white-space-changed", "--");
    return other_encoding(joined);
  }

  /// A body that was written in another transfer encoding on the way.
  std::optional<Damage> other_encoding(const std::string& body) {
    const std::string decoded = from_quoted_printable(body);
    if (decoded != body && fits(decoded)) return Damage{"signature.encoding-changed", {{"now", "quoted-printable"}}, std::string(body.substr(0, 200))};
    std::string letters = body;
    std::erase_if(letters, [](char c) { return c == '\r' || c == '\n'; });
    const auto plain = dkim::decoded_base64(body);
    if (!plain || letters.size() < 8) return std::nullopt;
    if (fits(*plain)) return Damage{"signature.encoding-changed", {{"now", "base64"}}, letters.substr(0, 200)};
    for (const std::size_t width : {std::size_t{60}, std::size_t{64}, std::size_t{72}, std::size_t{76}, letters.size()}) {
      std::string wrapped;
      for (std::size_t at = 0; at < letters.size(); at += width) wrapped += letters.substr(at, width) + "\r\n";
      if (fits(wrapped)) return Damage{"signature.base64-wrapped", {}, std::string(body.substr(0, 200))};
    }
    return std::nullopt;
  }

  std::string without(std::size_t first, std::size_t count) const {
    std::string out;
    for (std::size_t i = 0; i < lines_.size(); ++i)
      if (i < first || i >= first + count) out += lines_[i];
    return out;
  }
  std::string shown(std::size_t first, std::size_t count) const {
    std::string out;
    for (std::size_t i = first; i < first + count && out.size() < 400; ++i) out += (out.empty() ? "" : " / ") + std::string(without_end(lines_[i]));
    return out.substr(0, 400);
  }

  std::optional<Damage> footer_or_banner() {
    const std::size_t most = std::min(longest_insertion, lines_.size());
    for (std::size_t count = 1; count <= most; ++count) {
      const std::size_t first = lines_.size() - count;
      const std::size_t size = static_cast<std::size_t>(lines_[first].data() - body_.data());
      std::string_view kept = body_.substr(0, size);
      // A footer is often put behind a last line that had no end: then that end was added too.
      if (fits(kept)) return Damage{"signature.footer-appended", {{"lines", std::to_string(count)}}, shown(first, count)};
    }
    for (std::size_t count = 1; count <= most; ++count) {
      const std::size_t size = count == lines_.size() ? body_.size() : static_cast<std::size_t>(lines_[count].data() - body_.data());
      if (fits(body_.substr(size))) return Damage{"signature.banner-prepended", {{"lines", std::to_string(count)}}, shown(0, count)};
    }
    return std::nullopt;
  }

  /// Before a boundary or the end of HTML, or behind the head of a part.
  std::optional<Damage> inside_a_part() {
    bool in_head = false;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::string_view line = without_end(lines_[i]);
      const bool is_boundary = line.starts_with("--"), ends_html = text::starts_with_ignoring_case(text::trimmed(line), "</body") || text::starts_with_ignoring_case(text::trimmed(line), "</html");
      if (is_boundary || ends_html)
        for (std::size_t count = 1; count <= std::min(longest_insertion, i); ++count)
          if (fits(without(i - count, count))) return Damage{"signature.footer-appended", {{"lines", std::to_string(count)}}, shown(i - count, count)};
      if (is_boundary) in_head = true;
      if (in_head && line.empty()) {
        in_head = false;
        for (std::size_t count = 1; count <= longest_insertion && i + count < lines_.size(); ++count)
          if (fits(without(i + 1, count))) return Damage{"signature.banner-prepended", {{"lines", std::to_string(count)}}, shown(i + 1, count)};
      }
    }
    return std::nullopt;
  }

  /// The signed body is one part of the present one: lists put messages and footers side by side.
  std::optional<Damage> wrapped() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (!lines_[i].starts_with("--")) continue;
      const std::string_view boundary = without_end(lines_[i]);
      std::size_t begin = i + 1;
      while (begin < lines_.size() && !without_end(lines_[begin]).empty()) ++begin;
      ++begin;
      std::size_t end = begin;
      while (end < lines_.size() && !lines_[end].starts_with(boundary)) ++end;
      if (begin >= end || end > lines_.size()) continue;
      const std::size_t from = static_cast<std::size_t>(lines_[begin].data() - body_.data());
      const std::size_t to = end == lines_.size() ? body_.size() : static_cast<std::size_t>(lines_[end].data() - body_.data());
      if (fits(body_.substr(from, to - from))) return Damage{"signature.body-wrapped", {}, std::string(boundary)};
    }
    return std::nullopt;
  }

  const dkim::SignatureField& tags_;
  std::string_view body_;
  dkim::Hasher& hasher_;
  std::vector<std::string_view> lines_;
  std::size_t hashed_ = 0;
};
}  // namespace

std::optional<Damage> body_damage(const dkim::SignatureField& tags, std::string_view body, dkim::Hasher& hasher) { return Search(tags, body, hasher).run(); }

}  // namespace mailmedic::signature
