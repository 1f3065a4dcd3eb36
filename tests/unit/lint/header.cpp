// The header: what triggers each finding, and what does not.
#include "letters.hpp"

using namespace mailmedic;
using namespace mailmedic::lint_test;

TEST(LintCatalogue, FitsTheCode) { test::expect_catalogue_fits_code("lint"); }

TEST(LintHeader, HasNothingAgainstAGoodLetter) { EXPECT_THAT(ids(good), IsEmpty()); }

TEST(LintHeader, TellsWhatIsNoHeader) {
  EXPECT_THAT(ids("Hello world\r\n\r\nFrom: joe@example.org\r\n"), UnorderedElementsAre("lint.no-header"));
  EXPECT_THAT(ids(""), Contains("lint.no-header"));
  EXPECT_THAT(ids(with("Date: Wed", "this is no field\r\nDate: Wed")), Contains("lint.not-a-field"));
  EXPECT_THAT(ids(good_header + "body without an empty line\r\n"), Contains("lint.not-a-field"));
  EXPECT_THAT(ids(with("Subject: Is", "Subject:\r\n Is")), IsEmpty());
  EXPECT_THAT(ids(good_header), UnorderedElementsAre("lint.empty-body"));  // a body is not required
}

TEST(LintHeader, TellsForbiddenBytesAndLineEnds) {
  EXPECT_THAT(ids(good + std::string("a\0b\r\n", 5)), UnorderedElementsAre("lint.nul"));
  EXPECT_THAT(ids(good + "a\rb\r\n"), UnorderedElementsAre("lint.bare-cr"));
  EXPECT_THAT(ids(good + "a\nb\r\n"), UnorderedElementsAre("lint.mixed-line-ends"));
  std::string unix_ends = good;
  std::erase(unix_ends, '\r');
  EXPECT_THAT(ids(unix_ends), IsEmpty());
}

TEST(LintHeader, TellsLongLines) {
  EXPECT_THAT(ids(good + std::string(999, 'a') + "\r\n"), UnorderedElementsAre("lint.line-too-long"));
  EXPECT_THAT(ids(good + std::string(998, 'a') + "\r\n"), UnorderedElementsAre("lint.line-over-78"));
  EXPECT_THAT(ids(good + std::string(78, 'a') + "\r\n"), IsEmpty());
}

TEST(LintHeader, TellsRepeatedAndMissingFields) {
  EXPECT_THAT(ids(and_also("From: Eve <eve@example.com>")), Contains("lint.repeated-field"));
  EXPECT_THAT(ids(and_also("Subject: again")), UnorderedElementsAre("lint.repeated-field"));
  EXPECT_THAT(ids(and_also("Received: from a\r\nReceived: from b")), Not(Contains("lint.repeated-field")));
  EXPECT_THAT(ids(with("From: Joe <joe@example.org>\r\n", "")), UnorderedElementsAre("lint.from-missing"));
  EXPECT_THAT(ids(with("Date: Wed, 25 Nov 2026 15:04:05 +0000\r\n", "")), UnorderedElementsAre("lint.date-missing"));
}

TEST(LintHeader, WantsOneAuthor) {
  EXPECT_THAT(ids(with("Joe <joe@example.org>", "joe@example.org, sue@example.org")), UnorderedElementsAre("lint.from-not-one", "lint.sender-missing"));
  EXPECT_THAT(ids(with("From: Joe <joe@example.org>", "Sender: joe@example.org\r\nFrom: joe@example.org, sue@example.org")), UnorderedElementsAre("lint.from-not-one"));
  EXPECT_THAT(ids(with("Joe <joe@example.org>", "us: joe@example.org;")), UnorderedElementsAre("lint.from-not-one"));
  EXPECT_THAT(ids(with("Joe <joe@example.org>", "\"Doe, Joe\" <joe@example.org>")), IsEmpty());
  EXPECT_THAT(ids(with("Joe <joe@example.org>", "joe@example.org (Joe, the cook)")), IsEmpty());
}

TEST(LintHeader, ReadsFromByTheGrammar) {
  for (const char* wrong : {"Joe", "joe@", "@example.org <@>", "Joe <joe@example.org", "joe@@example.org", "<joe@exa mple.org>", "\"Joe <joe@example.org>", "Joe <joe..x@example.org>", "<joe@example.org> Joe"})
    EXPECT_THAT(ids(with("Joe <joe@example.org>", wrong)), Contains("lint.from-syntax")) << wrong;
  for (const char* right : {"joe@example.org", "<joe@example.org>", "Joe Q. Public <joe@example.org>", "\"joe\"@example.org", "joe@[192.0.2.1]", "=?UTF-8?Q?Joe?= <joe@example.org>"})
    EXPECT_THAT(ids(with("Joe <joe@example.org>", right)), Not(Contains("lint.from-syntax"))) << right;
}

TEST(LintHeader, HoldsTheDateAgainstTheArrival) {
  EXPECT_THAT(ids(with("Wed, 25 Nov 2026 15:04:05 +0000", "yesterday")), UnorderedElementsAre("lint.date-unreadable"));
  EXPECT_THAT(ids(with("Wed, 25 Nov 2026 15:04:05 +0000", "Wed, 31 Feb 2026 15:04:05 +0000")), UnorderedElementsAre("lint.date-unreadable"));
  EXPECT_THAT(ids(with("25 Nov 2026", "23 Nov 2026")), UnorderedElementsAre("lint.date-off"));
  EXPECT_THAT(ids(with("25 Nov 2026", "28 Nov 2026")), UnorderedElementsAre("lint.date-off"));
  EXPECT_THAT(ids(with("25 Nov 2026", "23 Nov 2026"), {.now = now, .to_be_sent = false}), IsEmpty());
  EXPECT_THAT(ids(with("25 Nov 2026", "28 Nov 2026"), {.now = now, .to_be_sent = false}), UnorderedElementsAre("lint.date-off"));
  EXPECT_THAT(ids(with("15:04:05 +0000", "23:04:05 +0800 (CST)")), IsEmpty());
  const std::string old = with("25 Nov 2026", "25 Nov 2020");
  EXPECT_THAT(ids("Received: from a.example by b.example; Wed, 25 Nov 2020 15:05:00 +0000\r\n" + old), Not(Contains("lint.date-off")));
}

TEST(LintHeader, WantsAMessageIdOfTheInternet) {
  EXPECT_THAT(ids(with("Message-ID: <1@example.org>\r\n", "")), UnorderedElementsAre("lint.message-id-missing"));
  for (const char* wrong : {"1@example.org", "<1>", "<1@a@b.example>", "<1 2@example.org>", "<@example.org>"}) EXPECT_THAT(ids(with("<1@example.org>", wrong)), UnorderedElementsAre("lint.message-id-syntax")) << wrong;
  for (const char* wrong : {"<1@localhost>", "<1@web01.local>", "<1@localhost.localdomain>"}) EXPECT_THAT(ids(with("<1@example.org>", wrong)), UnorderedElementsAre("lint.message-id-domain")) << wrong;
  EXPECT_THAT(ids(with("<1@example.org>", "\r\n <CAF=x+2$3@mail.example.org>")), IsEmpty());
}

TEST(LintHeader, WantsRecipientsAndASubject) {
  EXPECT_THAT(ids(with("To: Sue <sue@example.net>\r\n", "")), UnorderedElementsAre("lint.no-recipients"));
  EXPECT_THAT(ids(with("Sue <sue@example.net>", "undisclosed-recipients:;")), UnorderedElementsAre("lint.no-recipients"));
  EXPECT_THAT(ids(with("To: Sue", "Cc: Sue")), IsEmpty());
  EXPECT_THAT(ids(with("Subject: Is dinner ready?\r\n", "")), UnorderedElementsAre("lint.subject-missing"));
  EXPECT_THAT(ids(with("Is dinner ready?", " ")), UnorderedElementsAre("lint.subject-missing"));
  EXPECT_THAT(ids(with("Is dinner ready?", std::string(256, 'a'))), Contains("lint.subject-long"));
  EXPECT_THAT(ids(with("Is dinner ready?", std::string(255, 'a'))), Not(Contains("lint.subject-long")));
}

TEST(LintHeader, TellsRawBytesWithoutSmtputf8) {
  EXPECT_THAT(ids(with("Is dinner ready?", "晚饭好了吗")), UnorderedElementsAre("lint.raw-non-ascii"));
  EXPECT_THAT(ids(with("Is dinner ready?", "\xcd\xed\xb7\xb9")), UnorderedElementsAre("lint.raw-non-ascii"));
  EXPECT_THAT(ids(with("Is dinner ready?", "=?UTF-8?B?5pma6aWt5aW95LqG5ZCX?=")), IsEmpty());
  const auto utf8 = ids("Received: from a.example by b.example with UTF8SMTPS id 1; Wed, 25 Nov 2026 15:05:00 +0000\r\n" + with("Is dinner ready?", "晚饭好了吗"));
  EXPECT_THAT(utf8, Not(Contains("lint.raw-non-ascii")));
}

TEST(LintHeader, ReadsEncodedWords) {
  const auto subject = [](const std::string& text) { return ids(with("Is dinner ready?", text)); };
  EXPECT_THAT(subject("=?UTF-8?B?5pma6aWt 5aW95LqG5ZCX?="), Contains("lint.encoded-word-broken"));
  EXPECT_THAT(subject("=?UTF-8?B?5pma6aWt5aW95LqG5ZC"), Contains("lint.encoded-word-broken"));
  EXPECT_THAT(subject("=?x-klingon?B?5pma6aWt5aW95LqG5ZCX?="), Contains("lint.encoded-word-charset"));
  EXPECT_THAT(subject("=?UTF-8?Q?" + std::string(70, 'a') + "?="), Contains("lint.encoded-word-long"));
  EXPECT_THAT(subject("=?UTF-8?B?SGVsbG8gd29ybGQ=?="), UnorderedElementsAre("lint.encoded-word-needless"));
  EXPECT_THAT(subject("=?GB18030?B?zfe3ucHLwvA=?="), IsEmpty());
  EXPECT_THAT(subject("=?UTF-8?Q?Caf=C3=A9?= =?UTF-8*fr?Q?_cr=C3=A8me?="), IsEmpty());
  EXPECT_THAT(subject("what is 1=?2=3?"), IsEmpty());
  const auto from = [](const std::string& text) { return ids(with("Joe <joe@example.org>", text)); };
  EXPECT_THAT(from("\"=?UTF-8?Q?Jos=C3=A9?=\" <joe@example.org>"), Contains("lint.encoded-word-place"));
  EXPECT_THAT(from("Jose <=?UTF-8?Q?Jos=C3=A9?=@example.org>"), Contains("lint.encoded-word-place"));
  EXPECT_THAT(from("=?UTF-8?Q?Jos=C3=A9?= <joe@example.org>"), IsEmpty());
}

TEST(LintHeader, TellsLargeHeaders) {
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "X-Number: " + std::to_string(i) + "\r\n";
  EXPECT_THAT(ids(many + good), Contains("lint.header-large"));
  std::string long_references = "References:";
  for (int i = 0; i < 600; ++i) long_references += "\r\n <" + std::to_string(i) + "@example.org>";
  EXPECT_THAT(ids(and_also("In-Reply-To: <2@example.org>\r\n" + long_references)), UnorderedElementsAre("lint.references-long"));
  EXPECT_THAT(ids(and_also("References: <2@example.org>")), IsEmpty());
}
