// Answers of spam engines, as they are and as nobody should send them.
#include <gmock/gmock.h>

#include "checks/spam/judge.hpp"
#include "checks/spam/reduce.hpp"
#include "lib/spam/ask.hpp"
#include "lib/spam/verdict.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;
using namespace mailmedic::spam;
using testing::HasSubstr;

namespace {
const std::string spamd =
    "SPAMD/1.1 0 EX_OK\r\nContent-length: 400\r\nSpam: True ; 6.3 / 5.0\r\n\r\n"
    "Spam detection software has identified this.\n 3.0 of nothing\n\nContent analysis details:   (6.3 points, 5.0 required)\n\n"
    " pts rule name              description\n"
    "---- ---------------------- --------------------------------------------------\n"
    "-0.1 GOOD_SIGN              Is signed\n"
    " 1.4 MISSING_DATE           Missing Date: header\n"
    " 5.0 LONG_RULE              The first line\n"
    "                            and the second\n\n";
}

TEST(Spamd, ReadsScoreAndRules) {
  const auto verdict = read_spamd(spamd);
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->is_spam);
  EXPECT_DOUBLE_EQ(verdict->score, 6.3);
  EXPECT_DOUBLE_EQ(verdict->threshold, 5.0);
  ASSERT_EQ(verdict->rules.size(), 3u);
  EXPECT_EQ(verdict->rules[0].name, "LONG_RULE");
  EXPECT_EQ(verdict->rules[0].description, "The first line and the second");
  EXPECT_DOUBLE_EQ(verdict->rules[2].points, -0.1);
}

TEST(Spamd, TellsWhatIsNoVerdict) {
  EXPECT_THAT(read_spamd("SPAMD/1.1 76 Bad header line\r\n\r\n").error().why, HasSubstr("76"));
  for (const std::string text : {"", "HTTP/1.1 200 OK\r\n\r\n", "SPAMD/1.1 0 EX_OK\r\n\r\n", "SPAMD/1.1 0 EX_OK\r\nSpam: True ; nan / 5.0\r\n\r\n", "SPAMD/1.1 0 EX_OK\r\nSpam: True"}) EXPECT_FALSE(read_spamd(text)) << text;
  for (std::size_t cut = 0; cut < spamd.size(); ++cut) (void)read_spamd(spamd.substr(0, cut));
}

TEST(Rspamd, ReadsScoreAndSymbols) {
  const auto verdict = read_rspamd("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
                                   R"({"score":7.5,"required_score":15.0,"action":"add header","symbols":{"A":{"name":"A","score":1.5,"description":"first"},"B":{"score":6},"C":3}})");
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->is_spam);
  EXPECT_EQ(verdict->action, "add header");
  ASSERT_EQ(verdict->rules.size(), 2u);
  EXPECT_EQ(verdict->rules[0].name, "B");
  EXPECT_EQ(verdict->rules[1].description, "first");
}

TEST(Rspamd, TellsWhatIsNoVerdict) {
  EXPECT_THAT(read_rspamd("HTTP/1.1 403 Forbidden\r\n\r\n{}").error().why, HasSubstr("403"));
  for (const std::string text : {"", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n[]", "HTTP/1.1 200 OK\r\n\r\n{}", "HTTP/1.1 200 OK\r\n\r\n{\"score\":"}) EXPECT_FALSE(read_rspamd(text)) << text;
}

TEST(SpamRequest, LetsNoValueBeginAnotherLine) {
  const std::string sent = request_for({.kind = Engine::Kind::rspamd}, "body", {.ip = "192.0.2.7", .helo = "x\r\nFrom: evil", .from = ""});
  EXPECT_THAT(sent, testing::StartsWith("POST /checkv2 HTTP/1.0\r\n"));
  EXPECT_THAT(sent, HasSubstr("Content-Length: 4\r\nIP: 192.0.2.7\r\nHelo: xFrom: evil\r\n\r\nbody"));
  EXPECT_EQ(request_for({.kind = Engine::Kind::spamd}, "body", {}), "REPORT SPAMC/1.5\r\nContent-length: 4\r\n\r\nbody");
}

namespace {
CheckReport judged(const text::Parsed<Verdict>& verdict) {
  CheckReport report;
  spam::judge({}, verdict, report);
  for (const Finding& finding : report.findings) test::expect_words_are_filled(finding);
  for (const Finding& finding : report.unknowns) test::expect_words_are_filled(finding);
  return report;
}
}  // namespace

TEST(Spam, CatalogueFitsTheCode) { test::expect_catalogue_fits_code("spam"); }

TEST(Spam, TellsScoreAndRulesThatCost) {
  const CheckReport report = judged(read_spamd(spamd));
  ASSERT_EQ(report.findings.size(), 3u);  // the rule in favour is not told
  EXPECT_EQ(report.findings[0].id, "spam.over-threshold");
  EXPECT_EQ(report.findings[1].id, "spam.rule");
  EXPECT_EQ(judged(Verdict{.score = 1, .threshold = 5, .is_spam = false, .action = "", .rules = {}}).findings.at(0).id, "spam.below-threshold");
}

TEST(Spam, AnEngineThatIsNotThereIsUnknown) {
  Engine nowhere;
  nowhere.endpoint = {*net::parse_address("127.0.0.1"), 1};
  const CheckReport report = judged(test::run(ask(nowhere, "Subject: x\r\n\r\n", {}, std::chrono::seconds(5))));
  EXPECT_TRUE(report.findings.empty());
  ASSERT_EQ(report.unknowns.size(), 1u);
  EXPECT_EQ(report.unknowns[0].id, "spam.no-verdict");
}

namespace {
const std::string letter =
    "Received: from a\r\nDKIM-Signature: v=1; d=example.org;\r\n b=abc\r\nFrom: a@example.org\r\nX-Mailer: x\r\nSubject: WIN\r\n now\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee http://bad.example/x and end\r\n"
    "--b\r\nContent-Type: application/zip; name=\"price.zip\"\r\n\r\nPK\r\n--b--\r\n";

std::map<std::string, std::string> reduced(const std::string& text) {
  std::map<std::string, std::string> out;
  const auto message = message::parse_raw(text);
  for (const Reduced& one : reductions_of(message.value())) out[one.without] = one.text;
  return out;
}

std::string without(std::string text, const std::string& part, const std::string& instead = {}) {
  const auto at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return text.replace(at, part.size(), instead);
}
}  // namespace

TEST(Reductions, LeaveOutOneThingEach) {
  const auto all = reduced(letter);
  const std::string base = without(letter, "DKIM-Signature: v=1; d=example.org;\r\n b=abc\r\n");
  EXPECT_EQ(all.at(""), base) << "any change would break the signature";
  EXPECT_EQ(all.at("the subject"), without(base, "Subject: WIN\r\n now", "Subject: note"));
  EXPECT_EQ(all.at("the part text/plain"), without(base, "--b\r\nContent-Type: text/plain\r\n\r\nsee http://bad.example/x and end\r\n"));
  EXPECT_EQ(all.at("the attachment price.zip"), without(base, "--b\r\nContent-Type: application/zip; name=\"price.zip\"\r\n\r\nPK\r\n"));
  EXPECT_EQ(all.at("the hosts of the links"), without(base, "bad.example", "www.example.org"));
  EXPECT_EQ(all.at("the Received fields"), without(base, "Received: from a\r\n"));
  EXPECT_EQ(all.at("the X- fields"), without(base, "X-Mailer: x\r\n"));
  EXPECT_EQ(all.size(), 7u);
}

TEST(Reductions, AreFewHoweverManyPartsThereAre) {
  std::string text = "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 900; ++i) text += "--b\nContent-Type: text/plain; name=" + std::to_string(i) + "\n\nhttp://x\n";
  EXPECT_LE(reduced(text + "--b--\n").size(), max_reduced);
  EXPECT_EQ(reduced("From: a\n\nhello\n").size(), 1u);
}

TEST(Spam, NoEngineAtAllIsUnknown) {
  CheckReport report;
  spam::judge_absence(report);
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_EQ(report.unknowns.at(0).id, "spam.none-here");
}

TEST(Spam, BlamesThePartThatCosts) {
  const auto scored = [](double score, std::vector<Rule> rules) { return Verdict{.score = score, .threshold = 5, .is_spam = false, .action = "", .rules = std::move(rules)}; };
  const Rule subject{"SUBJ_CAPS", 2.0, ""}, other{"OTHER", 1.0, ""};
  CheckReport report;
  spam::judge_parts({}, {{"", scored(3, {subject, other})}, {"the X- fields", scored(2.8, {subject, other})}, {"the subject", scored(1, {other})}, {"the part text/html", text::ParseError{0, "busy"}}}, report);
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].id, "spam.part");
  EXPECT_THAT(report.findings[0].evidence.at(0).text, HasSubstr("3.0 > 1.0: SUBJ_CAPS 2.0"));
  ASSERT_EQ(report.unknowns.size(), 1u);
  EXPECT_EQ(report.unknowns[0].id, "spam.part-not-scored");
  for (const Finding& finding : report.findings) test::expect_words_are_filled(finding);
  for (const Finding& finding : report.unknowns) test::expect_words_are_filled(finding);
  CheckReport nothing;
  spam::judge_parts({}, {{"", text::ParseError{0, "busy"}}, {"the subject", scored(1, {})}}, nothing);
  EXPECT_TRUE(nothing.findings.empty());
  EXPECT_EQ(nothing.unknowns.size(), 1u);
}
