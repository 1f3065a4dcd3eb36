#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "reports/csv.hpp"
#include "reports/json.hpp"
#include "reports/text.hpp"

using namespace mailmedic;
using namespace std::chrono_literals;
using reports::AcceptedRisks;
using testing::HasSubstr;
using testing::Not;

namespace {

constexpr const char* catalogue_directory = MAILMEDIC_BINARY_DIR "/share/mailmedic/findings";

text::Parsed<AcceptedRisks> read(const std::string& content) {
  const std::string path = testing::TempDir() + "accepted.toml";
  std::ofstream(path) << content;
  return AcceptedRisks::read(path);
}

TimePoint day(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
}

constexpr const char* single_mx = R"(
[[accept]]
finding = "mx.single"
subject = "*.example.org"
reason = "a second site is being built"
until = 2027-03-01
)";

reports::Report report_at(TimePoint now, const char* accepted = single_mx) {
  reports::Report report{.tool = "domain", .version = "1", .target = "a.example.org", .started = now};
  CheckReport mx{.check = "mx"};
  Finding single{.id = "mx.single", .subject = "a.example.org", .severity = Severity::warning, .args = {{"host", "mx.example.org"}}};
  mx.findings.push_back(std::move(single));
  report.checks.push_back(std::move(mx));
  report.accepted = std::make_shared<const AcceptedRisks>(read(accepted).value());
  return report;
}

}  // namespace

TEST(AcceptedRisks, HoldThroughTheirLastDay) {
  const AcceptedRisks risks = read(single_mx).value();
  const Finding finding{.id = "mx.single", .subject = "A.Example.org"};
  EXPECT_NE(risks.covering(finding, day(2027, 3, 1) + 23h + 59min), nullptr);
  EXPECT_EQ(risks.covering(finding, day(2027, 3, 2)), nullptr);
  EXPECT_NE(risks.expired(finding, day(2027, 3, 2)), nullptr);
  EXPECT_EQ(risks.expired(finding, day(2027, 3, 1)), nullptr);
}

TEST(AcceptedRisks, CoverTheNamedFindingAndSubjectOnly) {
  const AcceptedRisks risks = read(std::string(single_mx) + R"(
[[accept]]
finding = "mx.alias"
subject = "mx.example.net"
reason = "known"
until = "2027-03-01"
[[accept]]
finding = "mx.duplicate"
subject = "*"
reason = "known"
until = 2027-03-01
)").value();
  const TimePoint now = day(2026, 11, 25);
  const auto covered = [&](std::string_view id, const std::string& subject) { return risks.covering({.id = id, .subject = subject}, now) != nullptr; };
  EXPECT_TRUE(covered("mx.alias", "mx.example.net"));
  EXPECT_FALSE(covered("mx.alias", "mx2.example.net"));
  EXPECT_FALSE(covered("mx.none", "mx.example.net"));
  EXPECT_TRUE(covered("mx.duplicate", "anything"));
  EXPECT_TRUE(covered("mx.single", "b.example.org"));
  EXPECT_FALSE(covered("mx.single", "example.org"));
  EXPECT_FALSE(covered("mx.single", "anexample.org"));
}

TEST(AcceptedRisks, AreShownButDoNotCount) {
  reports::Catalogue catalogue(catalogue_directory);
  reports::Report report = report_at(day(2026, 11, 25));
  const auto judgement = reports::judge(report, catalogue, reports::Language::en);
  EXPECT_EQ(judgement.status, reports::Status::ok);
  EXPECT_EQ(judgement.warnings, 0);
  EXPECT_TRUE(judgement.findings.empty());
  ASSERT_EQ(judgement.accepted.size(), 1u);
  const std::string text = reports::to_text(report, judgement, catalogue, {.width = 300});
  EXPECT_THAT(text, HasSubstr("Accepted risks, not counted (1)"));
  EXPECT_THAT(text, HasSubstr("[mx.single] until 2027-03-01: a second site is being built"));
  const auto json = reports::to_json(report, judgement);
  EXPECT_EQ(json.at("status").as_string(), "ok");
  EXPECT_EQ(json.at("accepted").as_array().at(0).at("accepted").at("reason").as_string(), "a second site is being built");
  EXPECT_THAT(reports::to_csv(report, judgement), HasSubstr("a.example.org,ok,accepted,mx.single"));
}

TEST(AcceptedRisks, CountAgainWhenTheirDayHasPassed) {
  reports::Catalogue catalogue(catalogue_directory);
  const reports::Report report = report_at(day(2027, 3, 2));
  const auto judgement = reports::judge(report, catalogue, reports::Language::en);
  EXPECT_EQ(judgement.status, reports::Status::warning);
  EXPECT_TRUE(judgement.accepted.empty());
  EXPECT_THAT(reports::to_text(report, judgement, catalogue, {}), HasSubstr("this risk was accepted until 2027-03-01: a second site is being built"));
}

TEST(AcceptedRisks, AWrongFileIsNamedWithEntryAndCause) {
  EXPECT_THAT(read("[[accept]]\nfinding = \"mx.single\"\nsubject = \"*\"\nuntil = 2027-03-01\n").error().why, HasSubstr("number 1: it has no reason"));
  EXPECT_THAT(read("[[accept]]\nfinding = \"mx.single\"\nsubject = \"*\"\nreason = \"r\"\nuntil = \"2027-02-30\"\n").error().why, HasSubstr("2027-02-30"));
  EXPECT_THAT(read("[[accept]]\nfinding = \"mx.single\"\nsubject = \"*\"\nreason = \"r\"\n").error().why, HasSubstr("no date"));
  EXPECT_THAT(read("[accept]\nfinding = \"x\"\n").error().why, HasSubstr("[[accept]]"));
  EXPECT_THAT(read("[[accept]\n").error().why, HasSubstr("accepted.toml:1"));
  EXPECT_THAT(AcceptedRisks::read("/no/such/file").error().why, HasSubstr("/no/such/file"));
}

TEST(Csv, QuotesAndDisarmsFormulas) {
  reports::Catalogue catalogue(catalogue_directory);
  reports::Report report{.tool = "domain", .version = "1", .target = "=cmd|' /C calc'!A0", .started = day(2026, 11, 25)};
  EXPECT_EQ(reports::to_csv(report, reports::judge(report, catalogue, reports::Language::en)), "'=cmd|' /C calc'!A0,ok,,,,,,,\r\n");
  CheckReport mx{.check = "mx"};
  Finding finding{.id = "test.unknown-to-the-catalogue", .subject = "a \"b\", c\r\nd"};
  mx.findings.push_back(std::move(finding));
  report.target = "example.org";
  report.checks.push_back(std::move(mx));
  const std::string line = reports::to_csv(report, reports::judge(report, catalogue, reports::Language::en));
  EXPECT_THAT(line, HasSubstr("example.org,warning,warning,test.unknown-to-the-catalogue,\"a \"\"b\"\", c\\x0d\\x0ad\""));
}
