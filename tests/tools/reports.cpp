// mailmedic reports as its users run it.
#include <gmock/gmock.h>

#include "tests/support/tool.hpp"

namespace mailmedic::test {
namespace {

using ::testing::HasSubstr;

const std::string vectors = MAILMEDIC_SOURCE_DIR "/tests/vectors/reports/";

TEST(ReportsTool, TellsSourcesAndWhatCouldNotBeRead) {
  const Folder folder;
  std::ofstream(folder.file("entities.xml")) << "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/hostname\">]><feedback><policy_published><domain>&a;</domain></policy_published></feedback>";
  const Ran run = run_tool({"reports", "--offline", "--json", folder.file("entities.xml"), vectors + "dmarc-aggregate/rfc9990-example.net!example.com!1700000000!1700086399.xml", "/no/such/report.xml"});
  const auto report = run.json();
  const auto& facts = report.at("facts").as_object();
  const auto& totals = facts.at("totals").as_object();
  EXPECT_EQ(totals.at("reports").to_number<int>(), 1) << run.told();
  EXPECT_EQ(totals.at("unreadable").to_number<int>(), 2);
  EXPECT_EQ(facts.at("sources").as_array().at(0).as_object().at("address"), "198.51.100.1");
  EXPECT_THAT(run.out, HasSubstr("document type declaration"));
  EXPECT_THAT(run.out, HasSubstr("/no/such/report.xml"));
  EXPECT_EQ(run.err, "");
}

TEST(ReportsTool, TextHoldsTheTables) {
  const Ran run = run_tool({"reports", "--offline", vectors + "tls-rpt", vectors + "dmarc-aggregate/twilight.eml"});
  for (const std::string part : {"Sources", "TLS", "5374 sessions succeeded", "[feedback.tls-certificate-expired]"}) EXPECT_THAT(run.out, HasSubstr(part)) << run.told();
}

TEST(ReportsTool, NothingThatCanBeReadIsInconclusive) {
  const Ran run = run_tool({"reports", "--offline", "--json", "/no/such/report.xml"});
  EXPECT_EQ(run.status, 3) << run.told();
  EXPECT_EQ(run.json().at("status"), "inconclusive");
}

}  // namespace
}  // namespace mailmedic::test
