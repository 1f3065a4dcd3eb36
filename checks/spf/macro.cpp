#include "checks/spf/macro.hpp"

#include "lib/text/ascii.hpp"

namespace mailmedic::spf {

namespace {

constexpr std::string_view domain_letters = "slodiphv";
constexpr std::string_view explanation_letters = "slodiphvcrt";
constexpr std::string_view delimiter_characters = ".-+,/_=";
constexpr int most_parts = 999;  // more than any value has; keeps the number of digits harmless

/// The macro behind "%{"; `at` is behind that and ends behind the "}". Section 7.1: macro-expand.
text::Parsed<MacroPiece> macro_at(std::string_view text, std::size_t& at, MacroUse use) {
  if (at >= text.size()) return text::ParseError{at, "a macro that is cut off"};
  MacroPiece piece;
  piece.letter = text::lower(text[at]);
  piece.url_escape = text[at] != piece.letter;
  if (explanation_letters.find(piece.letter) == std::string_view::npos) return text::ParseError{at, "an unknown macro letter"};
  if (use == MacroUse::domain && domain_letters.find(piece.letter) == std::string_view::npos)
    return text::ParseError{at, "a macro letter (c, r, t) that only an explanation may use"};
  ++at;
  const std::size_t digits_at = at;
  while (at < text.size() && text::is_digit(text[at]))
    piece.keep = std::min(piece.keep * 10 + (text[at++] - '0'), most_parts);
  if (at > digits_at && piece.keep == 0) return text::ParseError{digits_at, "a macro that keeps zero parts"};
  if (at < text.size() && text::lower(text[at]) == 'r') {
    piece.reverse = true;
    ++at;
  }
  const std::size_t delimiters_at = at;
  while (at < text.size() && delimiter_characters.find(text[at]) != std::string_view::npos) ++at;
  if (at > delimiters_at) piece.delimiters = text.substr(delimiters_at, at - delimiters_at);
  if (at >= text.size()) return text::ParseError{at, "a macro without its closing brace"};
  if (text[at] != '}') return text::ParseError{at, "a character that no macro can hold"};
  ++at;
  return piece;
}

/// Section 7.3: everything but the unreserved characters of RFC 3986 section 2.3.
void append_url_escaped(std::string& out, std::string_view text) {
  constexpr char hex[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (text::is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', hex[byte >> 4], hex[byte & 15]};
    }
  }
}

/// "192.0.2.1", or the nibbles of an IPv6 address with dots between. Section 7.2, letter i. Upper case, as the
/// conformance suite has it (v-macro-ip6); to DNS it is the same.
std::string dotted(const net::Address& ip) {
  if (ip.is_v4()) return ip.to_string();
  constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(63);
  for (const unsigned char byte : ip.to_v6().to_bytes()) {
    if (!out.empty()) out += '.';
    out += {hex[byte >> 4], '.', hex[byte & 15]};
  }
  return out;
}

/// The value cut at the delimiters, reversed, shortened from the left, joined. Section 7.3.
std::string transformed(std::string_view value, const MacroPiece& piece) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= value.size(); ++at) {
    if (at == value.size() || piece.delimiters.find(value[at]) != std::string::npos) {
      parts.push_back(value.substr(begin, at - begin));
      begin = at + 1;
    }
  }
  if (piece.reverse) std::reverse(parts.begin(), parts.end());
  const auto keep = static_cast<std::size_t>(piece.keep);
  std::string out;
  for (std::size_t i = keep > 0 && keep < parts.size() ? parts.size() - keep : 0; i < parts.size(); ++i) {
    if (!out.empty()) out += '.';
    out += parts[i];
  }
  return out;
}

}  // namespace

text::Parsed<MacroString> MacroString::parse(std::string_view text, MacroUse use) {
  MacroString string;
  std::string literal;
  std::size_t tail_at = 0;
  const char lowest = use == MacroUse::explanation ? ' ' : '!';
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c < lowest || c == 0x7f || static_cast<unsigned char>(c) >= 0x80)
      return text::ParseError{at, static_cast<unsigned char>(c) >= 0x80 ? "a character outside US-ASCII" : "a space or control character"};
    if (c != '%') {
      literal += c;
      ++at;
      continue;
    }
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (next == '%' || next == '_' || next == '-') {
      literal += next == '%' ? "%" : next == '_' ? " " : "%20";
      at += 2;
    } else if (next == '{') {
      at += 2;
      auto piece = macro_at(text, at, use);
      if (!piece) return piece.error();
      piece->literal = std::move(literal);
      literal.clear();
      string.pieces_.push_back(std::move(*piece));
    } else {
      return text::ParseError{at, "\"%\" must be followed by \"{\", \"%\", \"_\" or \"-\""};
    }
    tail_at = at;
  }
  string.tail_ = text.substr(tail_at);
  if (!literal.empty() || string.pieces_.empty()) {
    MacroPiece rest;
    rest.literal = std::move(literal);
    string.pieces_.push_back(std::move(rest));
  }
  return string;
}

bool MacroString::uses(char letter) const {
  return std::any_of(pieces_.begin(), pieces_.end(), [&](const MacroPiece& piece) { return piece.letter == letter; });
}

std::string expand(const MacroString& string, const MacroValues& values) {
  std::string out, own;
  for (const MacroPiece& piece : string.pieces()) {
    out += piece.literal;
    std::string_view value;
    switch (piece.letter) {
      case 0: continue;
      case 's': value = values.sender; break;
      case 'l': value = values.local_part; break;
      case 'o': value = values.sender_domain; break;
      case 'd': value = values.domain; break;
      case 'h': value = values.helo; break;
      case 'p': value = values.validated; break;
      case 'r': value = values.receiver; break;
      case 'v': value = values.ip.is_v4() ? "in-addr" : "ip6"; break;
      case 'i': value = own = dotted(values.ip); break;
      case 'c': value = own = values.ip.to_string(); break;
      case 't': value = own = std::to_string(values.now); break;
    }
    // Without a transformer or a delimiter of its own, cutting and joining changes nothing.
    std::string cut;
    if (piece.keep > 0 || piece.reverse || piece.delimiters != ".") value = cut = transformed(value, piece);
    if (piece.url_escape)
      append_url_escaped(out, value);
    else
      out += value;
  }
  return out;
}

}  // namespace mailmedic::spf
