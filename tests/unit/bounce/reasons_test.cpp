// One reply a reason, in words that are no rule's sample, and the finding that explains it.
#include <gtest/gtest.h>

#include "checks/bounce/judge.hpp"
#include "checks/bounce/reply_text.hpp"

using namespace mailmedic;

namespace {

std::string finding_of(std::string_view reply) {
  static const bounce::Classifier classifier = bounce::Classifier::make(bounce::read_rules({MAILMEDIC_SOURCE_DIR "/checks/bounce/rules"}).value()).value();
  const message::RecipientReport report = bounce::read_reply(reply);
  CheckReport out;
  bounce::judge(report, classifier.classify(report), classifier, out);
  return out.findings.empty() ? std::string(out.unknowns.at(0).id) : std::string(out.findings[0].id);
}

}  // namespace

TEST(BounceReasons, Recipient) {
  EXPECT_EQ(finding_of("550 5.1.1 <bob@example.com>: Recipient address rejected: User unknown in virtual alias table"), "bounce.unknown-recipient");
  EXPECT_EQ(finding_of("551 5.1.6 The recipient has moved"), "bounce.recipient-moved");
  EXPECT_EQ(finding_of("553 5.1.3 Invalid address syntax"), "bounce.bad-address");
  EXPECT_EQ(finding_of("450 4.2.0 mailbox is busy"), "bounce.mailbox-unavailable");
  EXPECT_EQ(finding_of("552 5.2.2 Mailbox over quota"), "bounce.mailbox-full");
  EXPECT_EQ(finding_of("550 5.2.1 This mailbox has been suspended"), "bounce.mailbox-disabled");
}

TEST(BounceReasons, DomainAndNetwork) {
  EXPECT_EQ(finding_of("550 5.1.2 unknown host example.invalid"), "bounce.unknown-domain");
  EXPECT_EQ(finding_of("556 5.1.10 Domain does not accept mail"), "bounce.takes-no-mail");
  EXPECT_EQ(finding_of("connect to mx.example.net[198.51.100.3]:25: Connection timed out"), "bounce.unreachable");
  EXPECT_EQ(finding_of("retry timeout exceeded"), "bounce.expired");
  EXPECT_EQ(finding_of("554 5.4.6 Too many hops"), "bounce.mail-loop");
}

TEST(BounceReasons, Reputation) {
  EXPECT_EQ(finding_of("554 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using psbl.surriel.com"), "bounce.blocklisted");
  EXPECT_EQ(finding_of("554 5.7.1 Message refused because of poor sender reputation"), "bounce.bad-reputation");
  EXPECT_EQ(finding_of("550 5.7.1 Your host has been banned"), "bounce.blocked-address");
  EXPECT_EQ(finding_of("550 5.7.1 We take no mail from dynamic address ranges"), "bounce.dynamic-address");
}

TEST(BounceReasons, Authentication) {
  EXPECT_EQ(finding_of("550 5.7.23 SPF validation failed"), "bounce.spf-failed");
  EXPECT_EQ(finding_of("550 5.7.20 no DKIM signature: DKIM check failed"), "bounce.dkim-failed");
  EXPECT_EQ(finding_of("550 5.7.1 Message violates the DMARC policy of example.org"), "bounce.dmarc-failed");
  EXPECT_EQ(finding_of("421 4.7.31 x1-20020a056 - gsmtp"), "bounce.no-dmarc");
  EXPECT_EQ(finding_of("550 5.7.32 x1-20020a056 - gsmtp"), "bounce.not-aligned");
  EXPECT_EQ(finding_of("550 5.7.26 Multiple authentication checks failed"), "bounce.unauthenticated");
  EXPECT_EQ(finding_of("550 5.7.25 Reverse DNS validation failed"), "bounce.no-reverse-name");
}

TEST(BounceReasons, Content) {
  EXPECT_EQ(finding_of("554 5.7.1 This message has been identified as spam"), "bounce.spam");
  EXPECT_EQ(finding_of("554 5.7.0 Message is infected with Worm.X"), "bounce.virus");
  EXPECT_EQ(finding_of("550 5.6.0 Duplicate From: header"), "bounce.malformed");
  EXPECT_EQ(finding_of("552 5.7.0 Attachment type is blocked"), "bounce.attachment-refused");
  EXPECT_EQ(finding_of("550 5.7.1 A link in the message is in SURBL"), "bounce.links-refused");
  EXPECT_EQ(finding_of("554 5.6.3 conversion required but not supported"), "bounce.unsupported-content");
}

TEST(BounceReasons, Policy) {
  EXPECT_EQ(finding_of("550 5.7.1 not today"), "bounce.refused");
  EXPECT_EQ(finding_of("550 5.7.1 <a@example.org>: Sender address rejected: Access denied"), "bounce.sender-refused");
  EXPECT_EQ(finding_of("550 5.7.1 The recipient only accepts mail from his contacts"), "bounce.recipient-refuses");
  EXPECT_EQ(finding_of("550 5.1.8 Sender address rejected: Domain not found"), "bounce.sender-domain");
  EXPECT_EQ(finding_of("550 5.7.1 <pc>: Helo command rejected: invalid"), "bounce.bad-greeting");
  EXPECT_EQ(finding_of("550 5.7.1 Null sender is not accepted: bounces refused"), "bounce.bounces-refused");
  EXPECT_EQ(finding_of("550 5.1.8 Access denied, bad outbound sender. https://aka.ms/x"), "bounce.sending-suspended");
}

TEST(BounceReasons, RelaySizeAndRate) {
  EXPECT_EQ(finding_of("554 5.7.1 <a@example.net>: Relay access denied"), "bounce.relay-denied");
  EXPECT_EQ(finding_of("530 5.7.0 Authentication is required"), "bounce.login-needed");
  EXPECT_EQ(finding_of("535 5.7.8 authentication failed: try again"), "bounce.login-failed");
  EXPECT_EQ(finding_of("553 5.7.1 Sender address rejected: not owned by user bob"), "bounce.sender-not-allowed");
  EXPECT_EQ(finding_of("552 5.3.4 The message is too big"), "bounce.too-large");
  EXPECT_EQ(finding_of("450 4.7.1 Rate limit reached"), "bounce.rate-limited");
  EXPECT_EQ(finding_of("421 4.7.0 Too many concurrent SMTP connections"), "bounce.too-many-connections");
  EXPECT_EQ(finding_of("452 4.5.3 Too many recipients in this transaction"), "bounce.too-many-recipients");
  EXPECT_EQ(finding_of("450 4.2.1 The user you are trying to contact is receiving mail too quickly. - gsmtp"), "bounce.recipient-busy");
  EXPECT_EQ(finding_of("550 Domain example.org has exceeded the max emails per hour (100/100)"), "bounce.quota-spent");
  EXPECT_EQ(finding_of("450 4.2.0 Greylisted for 60 seconds"), "bounce.greylisted");
}

TEST(BounceReasons, SystemsAndTls) {
  EXPECT_EQ(finding_of("451 4.3.0 Temporary server error"), "bounce.receiver-trouble");
  EXPECT_EQ(finding_of("452 4.3.1 Insufficient system storage"), "bounce.receiver-full");
  EXPECT_EQ(finding_of("lowest numbered MX record points to local host"), "bounce.misconfigured");
  EXPECT_EQ(finding_of("503 5.5.1 Bad sequence of commands"), "bounce.protocol-error");
  EXPECT_EQ(finding_of("530 5.7.0 Must issue a STARTTLS command first"), "bounce.tls-required");
  EXPECT_EQ(finding_of("Cannot start TLS: handshake failure"), "bounce.tls-failed");
  EXPECT_EQ(finding_of("Server certificate not trusted"), "bounce.certificate-refused");
}
