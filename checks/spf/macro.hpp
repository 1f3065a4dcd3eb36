#pragma once
// Macro strings of SPF: parsed once, expanded for each evaluation. RFC 7208 section 7.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/net/address.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::spf {

/// Where a macro string stands. The letters c, r and t, and spaces, are for explanations only (section 7.2, 6.2).
enum class MacroUse { domain, explanation };

/// Literal text, then one macro; the last piece of a string may have no macro.
struct MacroPiece {
  std::string literal;     ///< in front of the macro; %%, %_ and %- are already replaced
  char letter = 0;         ///< in lower case; 0: no macro
  bool url_escape = false; ///< the letter was in upper case (section 7.3)
  int keep = 0;            ///< how many parts from the right stay; 0: all
  bool reverse = false;
  std::string delimiters = ".";  ///< the value is split at any of these, and joined with "."
};

class MacroString {
 public:
  /// The error's offset is in bytes from the start of `text`. Errors: a "%" that starts no macro, an unknown letter,
  /// a zero digit, a bad delimiter; a byte outside 0x21-0x7e (for an explanation: outside 0x20-0x7e).
  static text::Parsed<MacroString> parse(std::string_view text, MacroUse use);

  const std::vector<MacroPiece>& pieces() const { return pieces_; }
  /// Does it expand to the same text for every message?
  bool is_literal() const { return pieces_.empty() || (pieces_.size() == 1 && pieces_[0].letter == 0); }
  /// The text of a literal string.
  std::string_view literal() const { return pieces_.empty() ? std::string_view() : std::string_view(pieces_[0].literal); }
  bool uses(char letter) const;
  /// Does the written text end in "%{...}", "%%", "%_" or "%-"? And what literal stands behind the last of them?
  /// The grammar of a domain-spec needs to know (section 7.1).
  bool ends_in_macro() const { return tail_.empty() && !pieces_.empty(); }
  std::string_view tail() const { return tail_; }

 private:
  std::vector<MacroPiece> pieces_;
  std::string tail_;
};

/// What the letters stand for. Section 7.2.
struct MacroValues {
  net::Address ip;
  std::string_view sender;         ///< s: "user@example.org"
  std::string_view local_part;     ///< l
  std::string_view sender_domain;  ///< o
  std::string_view domain;         ///< d: the domain whose record is evaluated
  std::string_view helo;           ///< h
  std::string_view validated;      ///< p: a validated name of `ip`, or "unknown"
  std::string_view receiver;       ///< r
  std::int64_t now = 0;            ///< t: seconds since 1970
};

/// Never fails: what may fail was found by parse().
std::string expand(const MacroString& string, const MacroValues& values);

}  // namespace mailmedic::spf
