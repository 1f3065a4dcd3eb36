// Lists, advertising and the trace.
#include "letters.hpp"

using namespace mailmedic;
using namespace mailmedic::lint_test;

namespace {

const lint::Circumstances advert{.now = now, .marketing = true};
const std::string uri = "List-Unsubscribe: <https://example.org/u/4f9a8c7e6b5d4c3b2a1f>", post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click";
const std::string signature = "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=a;\r\n h=From:List-Unsubscribe:\r\n List-Unsubscribe-Post; bh=; b=";
const std::string footer = "To unsubscribe: https://example.org/u/4f9a\r\nExample Ltd, 1 Main Street, Springfield\r\n";
const std::string newsletter = uri + "\r\n" + post + "\r\n" + signature + "\r\n" + good + footer;

std::vector<std::string> with_unsubscribe(const std::string& value) { return ids("List-Unsubscribe: " + value + "\r\n" + post + "\r\n" + signature + "\r\n" + good + footer); }
std::vector<std::string> unknowns(const std::string& message) {
  std::vector<std::string> out;
  for (const Finding& finding : report(message).unknowns) out.emplace_back(finding.id);
  return out;
}

}  // namespace

TEST(LintUnsubscribe, HasNothingAgainstAGoodNewsletter) {
  EXPECT_THAT(ids(newsletter, advert), IsEmpty());
  EXPECT_THAT(unknowns(newsletter), IsEmpty());
}

TEST(LintUnsubscribe, IsWantedOfAdvertisingAlone) {
  EXPECT_THAT(ids(good, advert), UnorderedElementsAre("lint.unsubscribe-missing", "lint.no-visible-unsubscribe", "lint.no-postal-address"));
  EXPECT_THAT(ids(good), IsEmpty());
}

TEST(LintUnsubscribe, IsReadByTheGrammar) {
  for (const char* wrong : {"https://example.org/u/123456789", "<https://example.org/u/123456789", "none", "<mailto:u@example.org> or <https://example.org/u/123456789>"}) EXPECT_THAT(with_unsubscribe(wrong), UnorderedElementsAre("lint.unsubscribe-syntax")) << wrong;
  EXPECT_THAT(with_unsubscribe("<mailto:u@example.org?subject=x>,\r\n <https://example.org/u?t=123456789>"), IsEmpty());
}

TEST(LintUnsubscribe, WantsOneClick) {
  EXPECT_THAT(ids(with("One-Click", "one-click", newsletter)), UnorderedElementsAre("lint.one-click-post"));
  EXPECT_THAT(with_unsubscribe("<https://example.org/u?t=1>, <https://example.org/v?t=1>"), UnorderedElementsAre("lint.one-click-uri"));
  EXPECT_THAT(with_unsubscribe("<mailto:u@example.org>"), UnorderedElementsAre("lint.one-click-uri"));
  EXPECT_THAT(with_unsubscribe("<https://example.org/unsub>"), UnorderedElementsAre("lint.unsubscribe-token"));
  EXPECT_THAT(ids(uri + "\r\n" + good + footer, advert), UnorderedElementsAre("lint.one-click-missing"));
  EXPECT_THAT(ids("List-Unsubscribe: <mailto:u@example.org>\r\n" + good + footer, advert), UnorderedElementsAre("lint.unsubscribe-mailto-only"));
}

TEST(LintUnsubscribe, WantsBothFieldsSigned) {
  EXPECT_THAT(ids(with("h=From:List-Unsubscribe:\r\n List-Unsubscribe-Post", "h=From:List-Unsubscribe", newsletter)), UnorderedElementsAre("lint.unsubscribe-unsigned"));
  EXPECT_THAT(ids("Received: from a.example by b.example; Wed, 25 Nov 2026 15:05:00 +0000\r\n" + uri + "\r\n" + post + "\r\n" + good + footer), UnorderedElementsAre("lint.unsubscribe-unsigned"));
  EXPECT_THAT(unknowns(uri + "\r\n" + post + "\r\n" + good + footer), UnorderedElementsAre("lint.not-signed-yet"));
}

TEST(LintUnsubscribe, WantsItSeen) {
  EXPECT_THAT(ids(with("To unsubscribe", "More", newsletter)), Contains("lint.no-visible-unsubscribe"));
  const std::string html = good_header + uri + "\r\n" + post + "\r\n" + signature + "\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>Hello there</p><a href=\"https://example.org/unsubscribe/1\">here</a></body></html>\r\n";
  EXPECT_THAT(ids(html), Not(Contains("lint.no-visible-unsubscribe")));
}

TEST(LintUnsubscribe, KnowsTheLabelOfChineseAdvertising) {
  const auto subject = [](const std::string& text) { return ids(with("Is dinner ready?", text, newsletter), advert); };
  EXPECT_THAT(subject("=?UTF-8?B?5paw5ZOB5LiK5biC?="), UnorderedElementsAre("lint.ad-label"));
  EXPECT_THAT(subject("=?UTF-8?B?77yI5bm/5ZGK77yJ5paw5ZOB5LiK5biC?="), IsEmpty());
  EXPECT_THAT(subject("(AD) =?UTF-8?B?5paw5ZOB5LiK5biC?="), IsEmpty());
  EXPECT_THAT(ids(with("Is dinner ready?", "=?UTF-8?B?5paw5ZOB5LiK5biC?=")), IsEmpty());
}

TEST(LintUnsubscribe, WantsAPostalAddress) { EXPECT_THAT(ids(with("Example Ltd, 1 Main Street, Springfield", "Bye", newsletter), advert), UnorderedElementsAre("lint.no-postal-address")); }

TEST(LintLists, KnowTheirFields) {
  EXPECT_THAT(ids(and_also("List-Post: <mailto:list@example.org>")), UnorderedElementsAre("lint.list-id-missing"));
  EXPECT_THAT(ids(and_also("List-Post: <mailto:list@example.org>\r\nList-Id: <list.example.org>")), IsEmpty());
  EXPECT_THAT(ids(and_also("Auto-Submitted: yes")), UnorderedElementsAre("lint.auto-submitted"));
  EXPECT_THAT(ids(and_also("Auto-Submitted: auto-replied (vacation)")), IsEmpty());
  EXPECT_THAT(ids(and_also("Feedback-ID: a:b:c:d:sender")), UnorderedElementsAre("lint.feedback-id"));
  EXPECT_THAT(ids(and_also("Feedback-ID: a:b:c:sender")), IsEmpty());
  EXPECT_THAT(ids(and_also("CFBL-Address: complaints")), UnorderedElementsAre("lint.cfbl-address"));
  EXPECT_THAT(ids(and_also("CFBL-Address: fbl@example.org; report=arf")), IsEmpty());
}

namespace {
std::string hop(const std::string& time, const std::string& with = "ESMTPS") { return "Received: from a.example.net (a.example.net [192.0.2.25])\r\n by mx.example.net with " + with + " id 1;\r\n Wed, 25 Nov 2026 " + time + " +0000"; }
}  // namespace

TEST(LintTrace, ReadsTheHops) {
  EXPECT_THAT(ids(and_also(hop("15:05:00") + "\r\n" + hop("15:04:30"))), IsEmpty());
  EXPECT_THAT(ids(and_also(hop("16:05:00") + "\r\n" + hop("15:04:30"))), UnorderedElementsAre("lint.slow-hop"));
  EXPECT_THAT(ids(and_also(hop("15:05:00") + "\r\n" + hop("15:24:30"))), UnorderedElementsAre("lint.clock-skew"));
  EXPECT_THAT(ids(and_also(hop("15:05:00", "ESMTP"))), UnorderedElementsAre("lint.hop-without-tls"));
  EXPECT_THAT(ids(and_also(hop("15:05:00", "HTTP"))), IsEmpty());
  std::string many;
  for (int i = 0; i < 51; ++i) many += hop("15:05:00") + "\r\n";
  EXPECT_THAT(ids(many + good), UnorderedElementsAre("lint.too-many-hops"));
}

TEST(LintTrace, KnowsWhatMustNotBeThere) {
  EXPECT_THAT(ids(and_also(hop("15:05:00") + "\r\nBcc: eve@example.org")), UnorderedElementsAre("lint.bcc"));
  EXPECT_THAT(ids(and_also("Bcc: eve@example.org")), IsEmpty());
  EXPECT_THAT(ids(and_also("Return-Path: <joe@example.org>")), UnorderedElementsAre("lint.delivery-field"));
  EXPECT_THAT(ids(and_also(hop("15:05:00") + "\r\nReturn-Path: <joe@example.org>")), IsEmpty());
}
