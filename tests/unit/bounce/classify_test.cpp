// Which rule wins, and what is not guessed.
#include <gtest/gtest.h>

#include "checks/bounce/classify.hpp"
#include "checks/bounce/reply_text.hpp"

using namespace mailmedic;
using bounce::Classifier;
using bounce::Ground;

namespace {

const Classifier& shipped() {
  static const Classifier classifier = Classifier::make(bounce::read_rules({MAILMEDIC_SOURCE_DIR "/checks/bounce/rules"}).value()).value();
  return classifier;
}

bounce::Verdict verdict(const message::RecipientReport& report) { return shipped().classify(report); }
std::string reason(const message::RecipientReport& report) {
  const bounce::Verdict found = verdict(report);
  return found.rule ? std::string(found.rule->reason->id) : "unmatched";
}
std::string reason(std::string_view text) { return reason(bounce::read_reply(text)); }

}  // namespace

// BNC-005: the same code means different things.
TEST(BouncePrecedence, AProvidersCodeBeforeTheRegistry) {
  message::RecipientReport report{.status = "5.7.30", .reply_code = "550", .remote_mta = "gmail-smtp-in.l.google.com"};
  EXPECT_EQ(reason(report), "dkim-failed");
  EXPECT_EQ(verdict(report).ground, Ground::provider_code);
  report.remote_mta = "mx.example.com";
  EXPECT_EQ(verdict(report).ground, Ground::status);  // RFC 8689: REQUIRETLS support required
  EXPECT_EQ(reason(report), "tls-required");
}

TEST(BouncePrecedence, AProvidersTextBeforeItsCode) {
  EXPECT_EQ(reason("550-5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy. - gsmtp"), "dmarc-failed");
  EXPECT_EQ(reason("550 5.7.26 something new - gsmtp"), "unauthenticated");
}

TEST(BouncePrecedence, ATextBeforeACode) {
  EXPECT_EQ(reason("550 5.1.1 <a@example.com>: Recipient address rejected: Service unavailable; Client host [203.0.113.7] blocked using zen.spamhaus.org"), "blocklisted");
  EXPECT_EQ(reason("550 5.7.1 <nobody@example.com>: Recipient address rejected: User unknown in virtual mailbox table"), "unknown-recipient");
}

TEST(BouncePrecedence, ACodeBeforeVagueWords) {
  const bounce::Verdict found = verdict(bounce::read_reply("550 5.2.2 rejected"));
  EXPECT_EQ(found.ground, Ground::status);
  EXPECT_EQ(found.rule->reason->id, "mailbox-full");
}

TEST(BouncePrecedence, AnEnhancedCodeBeforeTheReplyCode) { EXPECT_EQ(reason("552 5.7.1 no"), "refused"); }

TEST(BouncePrecedence, TheSameWordsMeanAnotherThingElsewhere) {
  message::RecipientReport report = bounce::read_reply("550 Mailbox unavailable or access denied");
  report.remote_mta = "mx3.qq.com";
  EXPECT_EQ(reason(report), "recipient-busy");
  report.remote_mta = "mail.example.com";
  EXPECT_NE(reason(report), "recipient-busy");
}

TEST(BouncePrecedence, TheTextNamesAnotherProviderThanTheHost) {
  message::RecipientReport report = bounce::read_reply("550 5.7.350 Remote server returned message detected as spam -> 550 5.7.25 [203.0.113.7] The IP address sending this message does not have a PTR record setup - gsmtp");
  report.remote_mta = "relay.example.com";
  const bounce::Verdict found = verdict(report);
  EXPECT_EQ(found.provider->id, "gmail");
  EXPECT_EQ(found.rule->reason->id, "no-reverse-name");
}

TEST(BounceUnmatched, IsSaidSoWithTheNearestRule) {
  const bounce::Verdict nothing = verdict(bounce::read_reply("550 the moon is in the wrong house"));
  EXPECT_EQ(nothing.rule, nullptr);
  EXPECT_EQ(nothing.ground, Ground::none);
  const bounce::Nearest near = shipped().nearest("550 the mailbox of this user is not any longer with us, the user is unknown here");
  EXPECT_NE(near.rule, nullptr);
  EXPECT_EQ(shipped().nearest("zxq vbn qwrt").rule, nullptr);
}

TEST(BounceUnmatched, ABareGeneralCodeIsNoReason) {
  EXPECT_EQ(reason("550"), "unmatched");
  EXPECT_EQ(reason("554 5.0.0"), "unmatched");
  EXPECT_EQ(reason(""), "unmatched");
}

// Trap: a number in a link is no code.
TEST(BounceReply, ACodeInALinkIsNone) {
  const message::RecipientReport report = bounce::read_reply("see http://postmaster.example.com/550/5.1.1 for help");
  EXPECT_EQ(report.reply_code, "");
  EXPECT_EQ(report.status, "");
}

TEST(BounceReply, PostfixQuotation) {
  const auto report = bounce::read_reply("<user@example.com>: host mx1.example.com[198.51.100.25] said: 550 5.1.1 <user@example.com>: Recipient address rejected: User unknown in local recipient table (in reply to RCPT TO command)");
  EXPECT_EQ(report.recipient, "user@example.com");
  EXPECT_EQ(report.remote_mta, "mx1.example.com");
  EXPECT_EQ(report.remote_address, "198.51.100.25");
  EXPECT_EQ(report.reply_code, "550");
  EXPECT_EQ(report.status, "5.1.1");
  EXPECT_EQ(report.command, "RCPT");
  EXPECT_EQ(report.diagnostic, "550 5.1.1 <user@example.com>: Recipient address rejected: User unknown in local recipient table");
}

TEST(BounceReply, EximQuotation) {
  const auto report = bounce::read_reply("host mx.example.com [198.51.100.25]: 451 4.7.1 Greylisting in action");
  EXPECT_EQ(report.remote_mta, "mx.example.com");
  EXPECT_EQ(report.reply_code, "451");
}

TEST(BounceReply, LinesAreOneReply) {
  EXPECT_EQ(bounce::read_reply("550-5.7.26 This mail has been\r\n550-5.7.26 blocked\r\n550 5.7.26 today").diagnostic, "550 5.7.26 This mail has been blocked today");
}

TEST(BounceReply, StatusInItsDress) {
  EXPECT_EQ(bounce::read_reply("550 #5.1.0 Address rejected").status, "5.1.0");
  EXPECT_EQ(bounce::read_reply("Sorry, no mailbox here by that name. (#5.1.1)").status, "5.1.1");
}
