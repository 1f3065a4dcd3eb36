// What Postfix, Exim and OpenSMTPD are seen to be.
#include <gmock/gmock.h>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::HasSubstr;

json::value first_address(const json::object& report) { return at(report, "facts.smtp.hosts.0.addresses.0"); }

std::set<std::string> extensions(const json::value& address) {
  std::set<std::string> out;
  for (const json::value& line : at(address, "extensions").as_array()) out.insert(std::string(line.as_string()));
  return out;
}

TEST(Servers, Postfix) {
  const json::object report = report_of(in_lab({"audit", "postfix.test"}));
  const json::value seen = first_address(report);
  EXPECT_EQ(text_at(seen, "address"), "127.0.25.1");
  EXPECT_EQ(text_at(seen, "cause"), "none") << json::serialize(seen);
  EXPECT_THAT(text_at(seen, "banner"), HasSubstr("220 postfix.lab.test ESMTP"));
  EXPECT_EQ(text_at(seen, "tls.version"), "TLSv1.3");
  EXPECT_THAT(text_at(seen, "tls.cipher"), ::testing::StartsWith("TLS_"));
  EXPECT_EQ(text_at(seen, "tls.trusted"), "true");
  EXPECT_EQ(text_at(seen, "tls.name_matches"), "true");
  EXPECT_THAT(text_at(seen, "certificate.names"), HasSubstr("postfix.lab.test"));
  const auto can = extensions(seen);
  for (const char* extension : {"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8", "CHUNKING"}) EXPECT_TRUE(can.contains(extension)) << extension;
}

TEST(Servers, PostfixOverIpv6) {
  const json::object report = report_of(in_lab({"audit", "v6only.test"}));
  EXPECT_EQ(text_at(first_address(report), "address"), "fd25::1");
  EXPECT_EQ(text_at(first_address(report), "family"), "ipv6");
  EXPECT_EQ(text_at(first_address(report), "tls.version"), "TLSv1.3");
}

TEST(Servers, BothFamiliesApart) {
  const json::object report = report_of(in_lab({"audit", "dual.test"}));
  std::set<std::string> seen;
  for (const json::value& address : at(report, "facts.smtp.hosts.0.addresses").as_array()) seen.insert(text_at(address, "family") + " " + text_at(address, "cause"));
  EXPECT_EQ(seen, (std::set<std::string>{"ipv4 none", "ipv6 none"}));
}

TEST(Servers, Exim) {
  const json::object report = report_of(in_lab({"audit", "exim.test"}));
  const json::value seen = first_address(report);
  EXPECT_EQ(text_at(seen, "cause"), "none") << json::serialize(seen);
  EXPECT_THAT(text_at(seen, "banner"), HasSubstr("Exim"));
  EXPECT_EQ(text_at(seen, "tls.version"), "TLSv1.3");
  EXPECT_EQ(text_at(seen, "tls.trusted"), "true");
  EXPECT_THAT(text_at(seen, "certificate.names"), HasSubstr("exim.lab.test"));
  const auto can = extensions(seen);
  for (const char* extension : {"PIPELINING", "8BITMIME", "HELP"}) EXPECT_TRUE(can.contains(extension)) << extension;
}

/// On port 25 it is a server without TLS (see conf/opensmtpd.conf).
TEST(Servers, OpenSmtpd) {
  const json::object report = report_of(in_lab({"audit", "opensmtpd.test"}));
  const json::value seen = first_address(report);
  EXPECT_THAT(text_at(seen, "banner"), HasSubstr("OpenSMTPD"));
  EXPECT_EQ(text_at(seen, "cause"), "none") << json::serialize(seen);
  const auto can = extensions(seen);
  for (const char* extension : {"8BITMIME", "ENHANCEDSTATUSCODES", "DSN"}) EXPECT_TRUE(can.contains(extension)) << extension;
  EXPECT_TRUE(ids_in(report, "findings").contains("starttls.missing"));
}

TEST(Servers, WhatOldTlsSpeaks) {
  const json::object report = report_of(in_lab({"audit", "oldtls.test"}));
  EXPECT_THAT(text_at(first_address(report), "tls.version"), ::testing::AnyOf("TLSv1", "TLSv1.1")) << json::serialize(first_address(report));
}

}  // namespace
}  // namespace mailmedic::lab
