// A domain with everything right, in every form that a report has.
#include <gmock/gmock.h>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const Words good = {"audit", "good.test", "--ip", "127.0.66.1", "--helo", "client.lab.test", "--selector", "s2048", "--selector", "ed", "--list", "ok.dnsbl.test"};

Ran audit_good(const Words& more) {
  Words words = in_lab(good);
  words.insert(words.end(), more.begin(), more.end());
  return test::run_tool(words);
}

TEST(Audit, GoodDomainIsOk) {
  Ran run;
  const json::object report = report_of(in_lab(good), &run);
  EXPECT_EQ(run.status, 0) << run.told();
  EXPECT_EQ(report.at("status"), "ok");
  EXPECT_EQ(report.at("tool"), "audit");
  EXPECT_EQ(report.at("target"), "good.test");
  EXPECT_THAT(above_info(report), IsEmpty()) << run.told();
  EXPECT_THAT(ids_in(report, "unknowns"), IsEmpty()) << run.told();
  EXPECT_EQ(run.err, "");
  std::set<std::string> ran;
  for (const json::value& check : report.at("checks").as_array())
    if (text_at(check, "outcome") == "ran") ran.insert(text_at(check, "id"));
  EXPECT_EQ(ran, (std::set<std::string>{"mx", "dnssec", "reverse_dns", "sender_domain", "spf", "dkim", "dmarc", "dane", "mta_sts", "tls_rpt", "bimi", "blocklist", "smtp", "starttls"}));
}

TEST(Audit, DomainAloneIsOk) {
  Ran run;
  const json::object report = report_of(in_lab({"audit", "good.test"}), &run);
  EXPECT_EQ(run.status, 0) << run.told();
  EXPECT_EQ(report.at("status"), "ok");
  EXPECT_THAT(above_info(report), IsEmpty()) << run.told();
}

TEST(Audit, Text) {
  const Ran run = audit_good({});
  EXPECT_EQ(run.status, 0) << run.told();
  EXPECT_THAT(run.out, StartsWith("good.test  OK"));
  EXPECT_EQ(run.out.find('\x1b'), std::string::npos) << "colours in a file";
  std::istringstream lines(run.out);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 200u) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

TEST(Audit, Chinese) {
  const Ran run = audit_good({"--lang", "zh"});
  EXPECT_EQ(run.status, 0) << run.told();
  EXPECT_THAT(run.out, HasSubstr("发件人策略"));
  EXPECT_THAT(run.out, ::testing::Not(HasSubstr("Sender policy")));
  EXPECT_THAT(run.out, ::testing::Not(ContainsRegex("\\{[a-z_]+\\}"))) << "a name without its argument";
}

TEST(Audit, Nagios) {
  const Ran run = audit_good({"--format", "nagios"});
  EXPECT_EQ(run.status, 0) << run.told();
  EXPECT_THAT(run.out, ContainsRegex("^OK - good\\.test.* \\| .*problems=0")) << run.out;
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1) << run.out;
}

TEST(Audit, JsonLine) {
  const Ran run = audit_good({"--format", "ndjson"});
  EXPECT_EQ(run.status, 0) << run.told();
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1);
  EXPECT_EQ(run.json()["status"], "ok");
}

/// What every report in JSON has, by docs: each field is there and of its kind, each finding has words and evidence.
TEST(Audit, JsonHasItsFields) {
  for (const std::string domain : {"good.test", "manyfaults.test"}) {
    const json::object report = report_of(in_lab({"audit", domain, "--ip", "127.0.66.1"}));
    for (const char* text : {"tool", "version", "target", "status"}) EXPECT_TRUE(report.contains(text) && report.at(text).is_string()) << text;
    EXPECT_THAT(text_at(report, "started"), ContainsRegex("^20[0-9-]+T[0-9:]+Z$"));
    EXPECT_TRUE(report.at("duration_ms").is_int64());
    EXPECT_TRUE(report.at("facts").is_object());
    for (const json::value& finding : report.at("findings").as_array()) {
      EXPECT_THAT(text_at(finding, "severity"), ::testing::AnyOf("info", "warning", "error", "critical"));
      EXPECT_THAT(text_at(finding, "summary"), ::testing::Not(ContainsRegex("\\{[a-z_]+\\}|^null$"))) << json::serialize(finding);
      EXPECT_FALSE(at(finding, "evidence").as_array().empty()) << json::serialize(finding);
      EXPECT_FALSE(at(finding, "references").as_array().empty()) << json::serialize(finding);
    }
  }
}

TEST(Audit, Html) {
  const test::Folder folder;
  const Ran run = audit_good({"--format", "html", "-o", folder.file("good.html")});
  EXPECT_EQ(run.status, 0) << run.told();
  EXPECT_EQ(run.out, "");
  const std::string page = test::content_of(folder.file("good.html"));
  EXPECT_THAT(page, StartsWith("<!doctype html>"));
  EXPECT_THAT(page, HasSubstr("<title>good.test"));
  EXPECT_THAT(page, HasSubstr("</html>"));
  EXPECT_THAT(page, ::testing::Not(HasSubstr("<script")));
  EXPECT_THAT(page, ::testing::Not(ContainsRegex("(src|href)=\"?http"))) << "fetches something";
}

TEST(Audit, SeveralDomainsGiveTheWorstStatus) {
  const Ran run = test::run_tool(in_lab({"audit", "good.test", "refusedmx.test", "--format", "ndjson"}));
  EXPECT_EQ(run.status, 2) << run.told();
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 2);
}

}  // namespace
}  // namespace mailmedic::lab
