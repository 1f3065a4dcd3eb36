#include "checks/receivers/judge.hpp"

#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <fstream>

#include "checks/receivers/measure.hpp"
#include "reports/receivers_table.hpp"
#include "tests/support/catalogue.hpp"

using namespace mailmedic;
using receivers::Result;
using testing::HasSubstr;

namespace {

namespace json = boost::json;

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

/// Reports of a domain that does everything right.
std::vector<CheckReport> good() {
  std::vector<CheckReport> out;
  CheckReport spf{.check = "spf"};
  spf.facts["record"] = "v=spf1 ip4:192.0.2.25 -all";
  spf.facts["evaluations"] = json::array{json::object{{"identity", "mailfrom"}, {"ip", "192.0.2.25"}, {"sender", "a@example.org"}, {"result", "pass"}}};
  CheckReport dkim{.check = "dkim"};
  dkim.facts["keys"] = json::array{json::object{{"domain", "s1._domainkey.example.org"}, {"algorithm", "rsa"}, {"bits", 2048}, {"record", "v=DKIM1; p=MII"}}};
  CheckReport dmarc{.check = "dmarc"};
  dmarc.facts["policy"] = "none";
  dmarc.facts["record"] = "v=DMARC1; p=none";
  dmarc.facts["alignment"] = json::array{json::object{{"mechanism", "spf"}, {"identifier", "example.org"}, {"aligned", true}}};
  CheckReport reverse{.check = "reverse_dns"};
  reverse.facts["addresses"] = json::array{json::object{{"address", "192.0.2.25"}, {"names", json::array{"mail.example.org"}}, {"confirmed", true}}};
  CheckReport sender{.check = "sender_domain"};
  CheckReport lists{.check = "blocklist"};
  lists.facts["lists"] = json::array{json::object{{"zone", "zen.spamhaus.org"}, {"tier", "high"}, {"state", "clean"}, {"subject", "192.0.2.25"}}};
  for (CheckReport* one : {&spf, &dkim, &dmarc, &reverse, &sender, &lists}) out.push_back(std::move(*one));
  return out;
}

CheckReport& of(std::vector<CheckReport>& reports, std::string_view check) {
  return *std::find_if(reports.begin(), reports.end(), [&](const CheckReport& one) { return one.check == check; });
}

receivers::Rules rules() { return receivers::read_rules(MAILMEDIC_SOURCE_DIR "/checks/receivers/receivers.toml").value(); }

CheckReport judged(const std::vector<CheckReport>& reports, bool bulk = true) {
  const receivers::Rules all = rules();
  receivers::Profile profile{.providers = {}, .bulk = bulk};
  for (const auto& provider : all.providers) profile.providers.push_back(provider.id);
  CheckReport report = receivers::judge(all, profile, name("example.org"), reports);
  for (const Finding& finding : report.findings) test::expect_words_are_filled(finding);
  return report;
}

std::map<std::string, int> count(const CheckReport& report) {
  std::map<std::string, int> out;
  for (const auto& row : report.facts.at("rules").as_array()) ++out[std::string(row.at("result").as_string())];
  return out;
}

std::set<std::string> ids(const CheckReport& report) {
  std::set<std::string> out;
  for (const Finding& finding : report.findings) out.emplace(finding.id);
  return out;
}

Finding finding(std::string_view id, std::string subject) {
  Finding out{.id = id, .subject = std::move(subject)};
  out.evidence = {{"seen", "this"}};
  return out;
}

}  // namespace

TEST(Receivers, AGoodDomainFailsNothing) {
  const CheckReport report = judged(good());
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(count(report).count("fail"), 0u);
  EXPECT_GE(count(report)["pass"], 25);
  EXPECT_GE(count(report)["not-measurable"], 25);
}

TEST(Receivers, NothingIsFailedWhenNothingIsKnown) {
  EXPECT_TRUE(judged({}).findings.empty());
  std::vector<CheckReport> reports = good();
  for (CheckReport& report : reports) {
    report.facts.clear();
    report.could_not_tell(finding("dns.no-answer", "example.org"));
  }
  const CheckReport report = judged(reports);
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.outcome, Outcome::ran);
  EXPECT_EQ(count(report).count("fail"), 0u);
}

TEST(Receivers, MissingRecordsFail) {
  std::vector<CheckReport> reports = good();
  of(reports, "spf").facts = {{"record", nullptr}, {"evaluations", json::array{}}};
  of(reports, "dmarc").facts["policy"] = nullptr;
  of(reports, "dkim").facts["keys"] = json::array{};
  of(reports, "dkim").findings.push_back(finding("dkim.key-missing", "s1._domainkey.example.org"));
  const std::set<std::string> failed = ids(judged(reports));
  const std::set<std::string> expected{"receivers.spf", "receivers.dkim", "receivers.authentication", "receivers.dmarc"};
  EXPECT_EQ(failed, expected);
}

TEST(Receivers, OneOfSpfAndDkimIsEnoughForSmallSenders) {
  std::vector<CheckReport> reports = good();
  of(reports, "spf").facts["evaluations"].as_array()[0].as_object()["result"] = "softfail";
  const receivers::Rules all = rules();
  EXPECT_TRUE(ids(receivers::judge(all, {.providers = {"gmail"}, .bulk = false}, name("example.org"), reports)).empty());
  EXPECT_EQ(ids(receivers::judge(all, {.providers = {"gmail"}, .bulk = true}, name("example.org"), reports)), std::set<std::string>{"receivers.spf"});
}

TEST(Receivers, ATemporaryErrorIsNotMeasurable) {
  std::vector<CheckReport> reports = good();
  of(reports, "spf").facts["evaluations"].as_array()[0].as_object()["result"] = "temperror";
  EXPECT_EQ(receivers::measure("spf", reports).result, Result::not_measurable);
  of(reports, "spf").facts["evaluations"] = json::array{};
  EXPECT_THAT(receivers::measure("spf", reports).why, HasSubstr("--ip"));
}

TEST(Receivers, WeakOrUnknownKeys) {
  std::vector<CheckReport> reports = good();
  auto& key = of(reports, "dkim").facts["keys"].as_array()[0].as_object();
  key["bits"] = 1024;
  EXPECT_EQ(receivers::measure("dkim", reports).result, Result::pass);
  key["bits"] = 512;
  EXPECT_EQ(receivers::measure("dkim", reports).result, Result::fail);
  key["algorithm"] = "ed25519";
  EXPECT_EQ(receivers::measure("dkim", reports).result, Result::pass);
  of(reports, "dkim").facts["keys"] = json::array{};
  EXPECT_EQ(receivers::measure("dkim", reports).result, Result::not_measurable);
}

TEST(Receivers, ReverseNames) {
  std::vector<CheckReport> reports = good();
  CheckReport& reverse = of(reports, "reverse_dns");
  reverse.findings.push_back(finding("reverse_dns.generic-name", "192.0.2.25"));
  EXPECT_EQ(ids(judged(reports)), std::set<std::string>{"receivers.reverse-name-style"});
  reverse.findings.push_back(finding("reverse_dns.missing", "192.0.2.25"));
  const CheckReport report = judged(reports);
  EXPECT_TRUE(ids(report).contains("receivers.reverse-name"));
  EXPECT_EQ(report.findings.front().subject, "192.0.2.25");
  reverse = CheckReport{.check = "reverse_dns", .outcome = Outcome::not_applicable, .reason = "no sending address given (--ip)"};
  EXPECT_TRUE(judged(reports).findings.empty());
}

TEST(Receivers, ExistenceAndReplies) {
  std::vector<CheckReport> reports = good();
  of(reports, "sender_domain").findings.push_back(finding("sender_domain.no-soa", "example.org"));
  EXPECT_EQ(ids(judged(reports)), std::set<std::string>{"receivers.existence"});
  of(reports, "sender_domain").findings[0].id = "sender_domain.null-mx";
  EXPECT_EQ(ids(judged(reports)), std::set<std::string>{"receivers.replies"});
}

TEST(Receivers, AListThatRefusesIsNoPass) {
  std::vector<CheckReport> reports = good();
  auto& row = of(reports, "blocklist").facts["lists"].as_array()[0].as_object();
  row["state"] = "listed";
  EXPECT_TRUE(ids(judged(reports)).contains("receivers.listed"));
  row["state"] = "refused";
  EXPECT_EQ(receivers::measure("not-on-spamhaus", reports).result, Result::not_measurable);
  EXPECT_TRUE(judged(reports).findings.empty());
}

TEST(ReceiversData, EveryRuleIsDatedAndInBothLanguages) {
  const receivers::Rules all = rules();
  EXPECT_EQ(all.providers.size(), 5u);
  for (const receivers::Rule& rule : all.rules) {
    EXPECT_EQ(rule.read.size(), 10u) << rule.spec;
    EXPECT_TRUE(rule.source.starts_with("https://") || rule.source.starts_with("MIIT")) << rule.source;
    EXPECT_NE(rule.en, rule.zh);
  }
}

TEST(ReceiversData, ABrokenFileNamesEntryAndCause) {
  const std::string path = testing::TempDir() + "receivers.toml";
  const auto why = [&](const std::string& text) {
    std::ofstream(path) << text;
    return receivers::read_rules(path).error().why;
  };
  EXPECT_THAT(why("[a]\nname = \"A\"\n"), HasSubstr("[a] has no [[a.rule]]"));
  EXPECT_THAT(why("[[a.rule]]\nspec = \"X\"\n"), HasSubstr("[[a.rule]] number 1: it has no measure"));
  EXPECT_THAT(why("[[a.rule]]\nspec = \"X\"\nmeasure = \"m\"\nen = \"e\"\nzh = \"z\"\nsource = \"s\"\nread = \"r\"\n"), HasSubstr("no measure \"m\""));
  EXPECT_THAT(why("[[a.rule]\n"), HasSubstr("receivers.toml:1"));
}

TEST(ReceiversTable, IsGroupedAndInBothLanguages) {
  const CheckReport report = judged(good());
  reports::Catalogue catalogue(MAILMEDIC_BINARY_DIR "/share/mailmedic/findings");
  const auto en = reports::receivers_table(report, catalogue, reports::Language::en), zh = reports::receivers_table(report, catalogue, reports::Language::zh);
  EXPECT_EQ(en.lines.size(), zh.lines.size());
  EXPECT_THAT(en.lines.at(0), testing::MatchesRegex("Gmail: [0-9]+ pass, [0-9]+ not measurable"));
  EXPECT_THAT(zh.lines.at(0), testing::StartsWith("Gmail："));
  EXPECT_THAT(en.lines.at(1), HasSubstr("pass            SPF or DKIM passes"));
  EXPECT_THAT(zh.lines.at(1), HasSubstr("符合"));
  for (const std::string& line : zh.lines) EXPECT_EQ(line.find("shows only"), std::string::npos) << line;
}

/// Of a message that does everything right, as `mailmedic message` hands it in.
std::vector<CheckReport> good_message() {
  CheckReport authentication{.check = "authentication"};
  authentication.facts["spf"] = json::object{{"result", "pass"}, {"sender", "a@example.org"}};
  authentication.facts["signatures"] = json::array{json::object{{"result", "fail"}, {"domain", "list.example"}}, json::object{{"result", "pass"}, {"domain", "example.org"}}};
  authentication.facts["dmarc"] = json::object{{"result", "pass"}, {"policy", "reject"}, {"record", "v=DMARC1; p=reject"}, {"aligned", true}};
  CheckReport lint{.check = "lint"};
  lint.facts["advertising"] = true;
  std::vector<CheckReport> out;
  out.push_back(std::move(authentication));
  out.push_back(std::move(lint));
  return out;
}

/// As Ctrl-C leaves it.
CheckReport interrupted_lint() {
  CheckReport lint{.check = "lint"};
  lint.facts["advertising"] = true;
  Finding interrupted{.id = "check.interrupted", .subject = "lint"};
  lint.could_not_tell(interrupted);
  return lint;
}

Result measured(const std::vector<CheckReport>& reports, std::string_view measure) { return receivers::measure(measure, reports).result; }

TEST(ReceiversByMessage, WhatAMessageShowsIsMeasured) {
  const std::vector<CheckReport> reports = good_message();
  for (const char* one : {"spf", "dkim", "spf-or-dkim", "dmarc", "alignment", "message-form", "message-identity", "one-click", "visible-unsubscribe", "advertising-label"}) EXPECT_EQ(measured(reports, one), Result::pass) << one;
  for (const char* one : {"reverse-name", "not-listed", "sender", "connection", "message"}) EXPECT_EQ(measured(reports, one), Result::not_measurable) << one;
}

TEST(ReceiversByMessage, FaultsFailAndWhatCouldNotBeToldDoesNot) {
  std::vector<CheckReport> reports = good_message();
  auto& facts = reports[0].facts;
  facts["spf"] = json::object{{"result", "softfail"}};
  facts["signatures"] = json::array{};
  facts["dmarc"] = json::object{{"result", "fail"}, {"policy", "none"}, {"aligned", false}};
  for (const char* one : {"spf", "dkim", "spf-or-dkim", "alignment"}) EXPECT_EQ(measured(reports, one), Result::fail) << one;
  EXPECT_EQ(measured(reports, "dmarc"), Result::pass) << "there is a policy";
  facts["dmarc"] = json::object{{"result", "temperror"}, {"policy", "none"}, {"aligned", nullptr}};
  EXPECT_EQ(measured(reports, "dmarc"), Result::pass) << "whether the message passes is not known, that there is a policy is";
  facts["spf"] = nullptr;
  facts["signatures"] = json::array{json::object{{"result", "temperror"}, {"domain", "example.org"}}};
  facts["dmarc"] = json::object{{"result", "temperror"}, {"policy", nullptr}, {"aligned", nullptr}};
  for (const char* one : {"spf", "dkim", "spf-or-dkim", "dmarc", "alignment"}) EXPECT_EQ(measured(reports, one), Result::not_measurable) << one;

  Finding missing{.id = "lint.unsubscribe-missing", .subject = "message"};
  reports[1].findings.push_back(missing);
  EXPECT_EQ(measured(reports, "one-click"), Result::fail);
  reports[1].facts["advertising"] = false;
  EXPECT_EQ(measured(reports, "one-click"), Result::not_measurable) << "asked of advertising alone";
  Finding unsigned_yet{.id = "lint.not-signed-yet", .subject = "message"};
  reports[1] = good_message()[1];
  reports[1].could_not_tell(unsigned_yet);
  EXPECT_EQ(measured(reports, "one-click"), Result::not_measurable);
  EXPECT_EQ(measured(reports, "message-form"), Result::pass) << "that is another matter";
  reports[1].facts["html_cut"] = true;
  EXPECT_EQ(measured(reports, "visible-unsubscribe"), Result::not_measurable) << "what was not read may have it";
  reports[1] = interrupted_lint();
  for (const char* one : {"message-form", "message-identity", "one-click"}) EXPECT_EQ(measured(reports, one), Result::not_measurable) << one;
  reports[1] = good_message()[1];
  Finding form{.id = "lint.bare-cr", .subject = "message"};
  reports[1].findings.push_back(form);
  EXPECT_EQ(measured(reports, "message-form"), Result::fail);
}

TEST(ReceiversCatalogue, FitsTheCode) { test::expect_catalogue_fits_code("receivers"); }
