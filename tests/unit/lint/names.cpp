// Who writes, to whom answers go, and words that filters know.
#include "letters.hpp"

using namespace mailmedic;
using namespace mailmedic::lint_test;

namespace {
std::vector<std::string> from(const std::string& value) { return ids(with("Joe <joe@example.org>", value)); }
std::vector<std::string> subject(const std::string& value) { return ids(with("Is dinner ready?", value)); }
}  // namespace

TEST(LintNames, ReadsTheDisplayName) {
  EXPECT_THAT(from("\"service@bank.example\" <joe@example.org>"), UnorderedElementsAre("lint.name-other-address"));
  EXPECT_THAT(from("\"joe@mail.example.org\" <joe@example.org>"), IsEmpty());
  EXPECT_THAT(from("=?UTF-8?Q?Joe_=E2=9C=94?= <joe@example.org>"), UnorderedElementsAre("lint.name-imitation"));
  EXPECT_THAT(from("=?UTF-8?Q?Jos=C3=A9_=F0=9F=8D=95?= <joe@example.org>"), IsEmpty());
  EXPECT_THAT(from("\"Re: Joe\" <joe@example.org>"), UnorderedElementsAre("lint.name-trick"));
  EXPECT_THAT(from("\"Joe (2)\" <joe@example.org>"), UnorderedElementsAre("lint.name-trick"));
  EXPECT_THAT(from("\"Joe [Sales]\" <joe@example.org>"), IsEmpty());
  EXPECT_THAT(from("Sue <joe@example.org>"), UnorderedElementsAre("lint.name-of-recipient"));
  EXPECT_THAT(ids(with("Joe <joe@example.org>", "Sue <sue@example.net>")), IsEmpty());  // a note to oneself
}

TEST(LintNames, KnowsFreemailFromElsewhere) {
  EXPECT_THAT(from("joe@gmail.com"), UnorderedElementsAre("lint.from-freemail"));
  EXPECT_THAT(from("joe@qq.com"), UnorderedElementsAre("lint.from-freemail"));
  EXPECT_THAT(ids("DKIM-Signature: v=1; a=rsa-sha256; d=gmail.com; s=x; h=from; bh=; b=\r\n" + with("joe@example.org", "joe@gmail.com")), Not(Contains("lint.from-freemail")));
}

TEST(LintNames, TellsAnAnswerToNothing) {
  EXPECT_THAT(subject("Re: dinner"), UnorderedElementsAre("lint.answer-without-thread"));
  EXPECT_THAT(subject("=?UTF-8?B?5Zue5aSN77ya5pma6aWt?="), UnorderedElementsAre("lint.answer-without-thread"));
  EXPECT_THAT(ids("In-Reply-To: <0@example.net>\r\n" + with("Is dinner", "Re: Is dinner")), IsEmpty());
  EXPECT_THAT(subject("Regarding dinner"), IsEmpty());
}

TEST(LintNames, ComparesDomains) {
  EXPECT_THAT(ids(and_also("Reply-To: joe@example.com")), UnorderedElementsAre("lint.reply-to-differs"));
  EXPECT_THAT(ids(and_also("Reply-To: joe@gmail.com")), UnorderedElementsAre("lint.reply-to-freemail"));
  EXPECT_THAT(ids(and_also("Reply-To: joe@support.example.org")), IsEmpty());
  EXPECT_THAT(ids(and_also("Received: x\r\nReturn-Path: <b@esp.example>")), Contains("lint.return-path-differs"));
  EXPECT_THAT(ids(and_also("Received: x\r\nReturn-Path: <b@bounces.example.org>")), Not(Contains("lint.return-path-differs")));
  EXPECT_THAT(ids(and_also("Received: x\r\nReturn-Path: <>")), Not(Contains("lint.return-path-differs")));
  EXPECT_THAT(ids(and_also("Received: x\r\nReturn-Path: <b@esp.example>\r\nDKIM-Signature: v=1; d=example.org; s=a; h=from; bh=; b=")), Not(Contains("lint.return-path-differs")));
}

TEST(LintWords, FindsTemplateText) {
  for (const char* left : {"Hello {{first_name}}", "Hello *|FNAME|*", "Hello %FIRST_NAME%", "Hello [NAME]", "Hello <%= name %>", "Hello ${user.name}"}) EXPECT_THAT(subject(left), UnorderedElementsAre("lint.template")) << left;
  for (const char* fine : {"100% of 50%", "[PATCH] fix", "{braces}", "a | b", "costs $5 {net}", "50%OFF%"}) EXPECT_THAT(subject(fine), IsEmpty()) << fine;
  EXPECT_THAT(ids(good + "Dear {{ customer.name }},\r\n"), UnorderedElementsAre("lint.template"));
}

TEST(LintWords, HearsShouting) {
  for (const char* loud : {"DINNER IS READY NOW", "Dinner!!!", "Make $$ fast", "Act now and save"}) EXPECT_THAT(subject(loud), UnorderedElementsAre("lint.subject-shouts")) << loud;
  EXPECT_THAT(subject("=?UTF-8?B?6ZmQ5pe25LyY5oOg?="), UnorderedElementsAre("lint.subject-shouts"));
  EXPECT_THAT(subject("NASA report"), IsEmpty());
  EXPECT_THAT(subject("Great!"), IsEmpty());
}

TEST(LintWords, KnowsOldMailersAndTestStrings) {
  EXPECT_THAT(ids(and_also("X-MSMail-Priority: High")), UnorderedElementsAre("lint.old-mailer"));
  EXPECT_THAT(ids(and_also("X-Mailer: Microsoft Outlook Express 6.00")), UnorderedElementsAre("lint.old-mailer"));
  EXPECT_THAT(ids(and_also("X-Mailer: Apple Mail (2.3654)")), IsEmpty());
  EXPECT_THAT(ids(good + "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"), UnorderedElementsAre("lint.test-string"));
  EXPECT_THAT(ids(good + "GTUBE is a test string\r\n"), IsEmpty());
}
