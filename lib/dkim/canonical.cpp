#include "lib/dkim/canonical.hpp"

#include "lib/text/ascii.hpp"

namespace mailmedic::dkim {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

void append_with_crlf(std::string& out, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t found = text.find('\n', at);
    if (found == text.npos) {
      out.append(text.substr(at));
      return;
    }
    const std::size_t end = found > at && text[found - 1] == '\r' ? found - 1 : found;
    out.append(text.substr(at, end - at)).append("\r\n");
    at = found + 1;
  }
}

}  // namespace

std::string_view canonicalization_text(Canonicalization form) { return form == Canonicalization::simple ? "simple" : "relaxed"; }

void append_field(std::string& out, std::string_view whole, Canonicalization form) {
  if (form == Canonicalization::simple) return append_with_crlf(out, whole);
  const std::size_t colon = std::min(whole.find(':'), whole.size());
  for (const char c : text::trimmed(whole.substr(0, colon))) out += text::lower(c);
  out += ':';
  const std::string_view value = whole.substr(std::min(colon + 1, whole.size()));
  bool begun = false, blank = false;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const char c = value[at];
    if (c == '\n' || (c == '\r' && at + 1 < value.size() && value[at + 1] == '\n')) continue;  // a fold
    if (is_blank(c)) {
      blank = begun;
      continue;
    }
    if (blank) out += ' ';
    out += c;
    begun = true;
    blank = false;
  }
}

bool is_relaxed_line(std::string_view line) {
  if (line.empty()) return true;
  bool odd = is_blank(line.back());
  for (std::size_t i = 0; i + 1 < line.size(); ++i) odd |= (line[i] == '\t') | ((line[i] == ' ') & (line[i + 1] == ' '));
  return !odd;
}

void append_relaxed_line(std::string& out, std::string_view line) {
  while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
  bool blank = false;
  for (const char c : line) {
    if (is_blank(c)) {
      blank = true;
      continue;
    }
    if (blank) out += ' ';
    out += c;
    blank = false;
  }
}

}  // namespace mailmedic::dkim
