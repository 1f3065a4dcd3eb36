#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "lib/message/delivery_report.hpp"

namespace mailmedic::test {

inline std::string bytes_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

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

/// A message of a mail system with this text.
inline std::string from_daemon(const std::string& text, const std::string& subject = "Undelivered Mail Returned to Sender",
                               const std::string& fields = "") {
  return "From: MAILER-DAEMON@mx.example.net\nTo: <joe@example.org>\nSubject: " + subject + "\n" + fields + "\n" + text;
}

/// The only recipient.
inline message::RecipientReport one_of(const message::DeliveryReport& report) {
  EXPECT_EQ(report.recipients.size(), 1u);
  return report.recipients.empty() ? message::RecipientReport() : report.recipients.front();
}

}  // namespace mailmedic::test
