// What is said of reports that refuse nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/bounce/judge_report.hpp"
#include "tests/support/catalogue.hpp"

using namespace mailmedic;
using message::DeliveryReport;
using message::ReportKind;
using testing::HasSubstr;

namespace {

Finding judged(const DeliveryReport& report) {
  CheckReport out;
  bounce::judge_report(report, out);
  EXPECT_EQ(out.findings.size(), 1u);
  EXPECT_TRUE(out.unknowns.empty());
  test::expect_words_are_filled(out.findings.front());
  return out.findings.front();
}

DeliveryReport complaint(std::string type) {
  DeliveryReport report{.kind = ReportKind::feedback, .format = "rfc5965"};
  report.feedback = {.type = std::move(type), .user_agent = "Feedback/1.0", .source_address = "192.0.2.7", .auth_failure = ""};
  report.recipients.push_back({.recipient = "ann@example.net"});
  return report;
}

}  // namespace

TEST(BounceReports, ComplaintsAreToldByTheirKind) {
  const Finding spam = judged(complaint("abuse"));
  EXPECT_EQ(spam.id, "bounce.complaint");
  EXPECT_EQ(spam.subject, "ann@example.net");
  EXPECT_THAT(spam.evidence.at(0).text, HasSubstr("Feedback-Type: abuse, User-Agent: Feedback/1.0, Source-IP: 192.0.2.7"));
  EXPECT_EQ(judged(complaint("fraud")).id, "bounce.complaint");
  EXPECT_EQ(judged(complaint("opt-out")).id, "bounce.unsubscription");
  EXPECT_EQ(judged(complaint("not-spam")).id, "bounce.not-spam");
  DeliveryReport failed = complaint("auth-failure");
  failed.feedback.reported_domain = "example.org";
  EXPECT_EQ(judged(failed).id, "bounce.authentication-report");
  EXPECT_EQ(judged(failed).subject, "example.org");
  DeliveryReport nobody = complaint("abuse");
  nobody.recipients.clear();
  nobody.feedback.reported_domain = "example.org";
  EXPECT_EQ(judged(nobody).subject, "example.org");
}

TEST(BounceReports, AnswersAndSuccessAreNoBounces) {
  DeliveryReport answer{.kind = ReportKind::auto_reply, .format = "rfc3834"};
  answer.recipients.push_back({.recipient = "ann@example.net", .diagnostic = "I am away"});
  EXPECT_EQ(judged(answer).id, "bounce.automatic-answer");
  EXPECT_THAT(judged(answer).evidence.at(0).text, HasSubstr("I am away"));
  DeliveryReport success{.kind = ReportKind::delivered};
  success.recipients.push_back({.recipient = "ann@example.net", .action = "relayed"});
  EXPECT_EQ(judged(success).id, "bounce.delivered");
  EXPECT_EQ(judged(success).args.at(0).second, "handed on to a server that reports no more");  // that is not delivered
  EXPECT_EQ(judged(success).evidence.at(0).source, "ann@example.net");
  EXPECT_EQ(judged(success).evidence.at(0).text, "Action: relayed");
}

/// What a mail system wrote and nobody could read is no clean bill.
TEST(BounceReports, WhatAMailSystemWroteIsNotWavedThrough) {
  const DeliveryReport report = message::read_delivery_report("From: MAILER-DAEMON@example.org\nSubject: Undelivered Mail\n\nza chto\n");
  EXPECT_EQ(report.kind, ReportKind::none);
  CheckReport out;
  bounce::judge_report(report, out);
  EXPECT_TRUE(out.findings.empty());
  ASSERT_EQ(out.unknowns.size(), 1u);
  EXPECT_EQ(out.unknowns[0].id, "bounce.not-understood");
  EXPECT_THAT(out.unknowns[0].evidence.at(0).text, HasSubstr("Subject: Undelivered Mail"));
  test::expect_words_are_filled(out.unknowns[0]);
  EXPECT_FALSE(message::read_delivery_report("From: ann@example.net\nSubject: lunch\n\nAt one?\n").from_daemon);
}

TEST(BounceReports, AnythingElseIsNamed) { EXPECT_EQ(judged({}).id, "bounce.no-report"); }
