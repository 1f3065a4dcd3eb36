// Block lists: what is believed. RFC 5782.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "checks/blocklist/check.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

CheckReport ask(std::string_view text, const std::vector<blocklist::Subject>& subjects, const std::string& list) {
  dns::Zone zone = dns::Zone::parse(text).value();
  test::DnsProbes made(zone);
  Probes& probes = made;
  probes.data_directory = MAILMEDIC_BINARY_DIR "/share/mailmedic";
  return test::run(blocklist::check_subjects(subjects, {list}, probes));
}

std::vector<std::string> states(const CheckReport& report) {
  std::vector<std::string> out;
  for (const auto& row : report.facts.at("lists").as_array()) {
    const auto& list = row.as_object();
    out.push_back(std::string(list.at("subject").as_string()) + " " + std::string(list.at("state").as_string()));
  }
  return out;
}

const net::Address sender = net::parse_address("192.0.2.25").value();
const dns::Name domain = dns::Name::parse("example.org").value();

constexpr std::string_view addresses_only = R"(
2.0.0.127.list.example. A 127.0.0.2
25.2.0.192.list.example. A 127.0.0.2
25.2.0.192.list.example. TXT "sent spam"
)";

TEST(Blocklist, AListOfAddressesIsNotAskedAboutDomains) {
  const CheckReport report = ask(addresses_only, {sender, domain}, "list.example");
  EXPECT_THAT(states(report), ElementsAre("192.0.2.25 listed"));
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].id, "blocklist.listed");
  EXPECT_EQ(report.findings[0].severity, Severity::warning);
}

TEST(Blocklist, AListWithoutAnyTestEntryIsDeadForAll) {
  const CheckReport report = ask("25.2.0.192.list.example. A 127.0.0.2\nlist.example. TXT \"closed\"", {sender, domain}, "list.example");
  EXPECT_THAT(states(report), ElementsAre("192.0.2.25 dead", "example.org dead"));
  for (const Finding& finding : report.findings) EXPECT_NE(finding.id, "blocklist.listed");
}

TEST(Blocklist, ARefusalIsNoListing) {
  const CheckReport report = ask(R"(
2.0.0.127.list.example. A 127.255.255.254
1.0.0.127.list.example. A 127.255.255.254
25.2.0.192.list.example. A 127.255.255.254
)", {sender}, "list.example");
  EXPECT_THAT(states(report), ElementsAre("192.0.2.25 refused"));
  EXPECT_THAT(report.findings, IsEmpty());
  ASSERT_EQ(report.unknowns.size(), 1u);
  EXPECT_EQ(report.unknowns[0].id, "blocklist.refused");
}

TEST(Blocklist, AnAnswerOutsideLoopbackIsNoListing) {
  const CheckReport report = ask("2.0.0.127.list.example. A 127.0.0.2\n25.2.0.192.list.example. A 192.0.2.1", {sender}, "list.example");
  EXPECT_THAT(states(report), ElementsAre("192.0.2.25 rewritten"));
  EXPECT_THAT(report.findings, IsEmpty());
}

}  // namespace
