#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "lib/message/delivery_report.hpp"
#include "tests/support/dressed.hpp"

namespace mailmedic::test {

inline std::string bytes_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
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
