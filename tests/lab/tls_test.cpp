// What mailmedic tls finds out about Postfix, Exim and servers with faults.
#include <gmock/gmock.h>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::Contains;
using ::testing::Not;

std::set<std::string> ids(const json::object& report) {
  std::set<std::string> out;
  for (const json::value& finding : at(report, "findings").as_array()) out.insert(text_at(finding, "id"));
  return out;
}

json::value address_of(const json::object& report) { return at(report, "facts.hosts.0.addresses.0"); }

std::map<std::string, std::string> spoken(const json::object& report) {
  std::map<std::string, std::string> out;
  const json::value address = address_of(report);
  for (const json::value& version : at(address, "protocols").as_array()) out[text_at(version, "version")] = text_at(version, "spoken");
  return out;
}

TEST(Tls, PostfixByItsDomain) {
  const json::object report = report_of(in_lab({"tls", "good.test"}));
  const auto versions = spoken(report);
  EXPECT_EQ(versions.at("TLSv1.3"), "yes");
  EXPECT_EQ(versions.at("TLSv1.2"), "yes");
  EXPECT_EQ(versions.at("SSLv3"), "no");
  EXPECT_EQ(versions.at("SSLv2"), "no");
  const json::value address = address_of(report);
  EXPECT_EQ(text_at(address, "senders.opportunistic.outcome"), "delivers_encrypted");
  EXPECT_EQ(text_at(address, "senders.dane.outcome"), "delivers_encrypted") << json::serialize(at(address, "senders"));
  EXPECT_EQ(text_at(address, "senders.must_verify.outcome"), "delivers_encrypted");
}

TEST(Tls, AnOldServerAtAnAddress) {
  const json::object report = report_of(in_lab({"tls", "oldtls.lab.test:25"}));
  const auto versions = spoken(report);
  EXPECT_EQ(versions.at("TLSv1.2"), "no");
  EXPECT_EQ(versions.at("TLSv1"), "yes");
  EXPECT_THAT(ids(report), Contains("tls.no-current-protocol"));
}

TEST(Tls, AServerWithoutTlsIsNotTakenForABadOne) {
  const json::object report = report_of(in_lab({"tls", "notls.lab.test:25"}));
  EXPECT_THAT(ids(report), Contains("starttls.missing"));
  EXPECT_THAT(ids(report), Not(Contains("tls.no-current-protocol")));
  EXPECT_EQ(text_at(address_of(report), "senders.must_verify.outcome"), "refuses");
}

}  // namespace
}  // namespace mailmedic::lab
