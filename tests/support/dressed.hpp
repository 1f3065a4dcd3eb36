#pragma once
// The same message in other dresses.
#include <string>
#include <string_view>

namespace mailmedic::test {

inline std::string with_lf(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
  return out;
}

inline std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

/// As a mail program forwards it: attached, with a word in front.
inline std::string forwarded(const std::string& message) {
  return "From: Joe <joe@example.org>\nTo: help@example.net\nSubject: Fwd: what is this?\nMIME-Version: 1.0\nContent-Type: "
         "multipart/mixed; boundary=\"=_forward_42\"\n\n"
         "--=_forward_42\nContent-Type: text/plain\n\nI got this today, what shall I do?\n\n--=_forward_42\nContent-Type: "
         "message/rfc822\n\n" +
         message + "\n--=_forward_42--\n";
}

}  // namespace mailmedic::test
