// What a server's refusals mean, by the rules for replies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "checks/refusal/refusal.hpp"
#include "tests/support/catalogue.hpp"

using namespace mailmedic;
using smtp::Cause;
using smtp::Reply;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {
smtp::Probe refused(Cause cause, Reply reply) {
  smtp::Probe out;
  out.request.endpoint = {*net::parse_address("192.0.2.25"), 25};
  out.request.rcpt_to = "you@example.org";
  out.our_address = *net::parse_address("203.0.113.7");
  out.cause = cause;
  if (cause == Cause::mail_rejected) out.mail = std::move(reply);
  else if (cause == Cause::rcpt_rejected) out.rcpt = std::move(reply);
  else if (cause == Cause::data_rejected) out.data = std::move(reply);
  else if (cause == Cause::ehlo_rejected) out.ehlo = std::move(reply);
  else out.banner = std::move(reply);
  return out;
}

CheckReport explained(std::vector<smtp::Probe> probes) {
  static const bounce::Classifier classifier = bounce::Classifier::make(bounce::read_rules({MAILMEDIC_SOURCE_DIR "/checks/bounce/rules"}).value()).value();
  static const auto lists = std::make_shared<const std::vector<blocklist::List>>(blocklist::read_lists(MAILMEDIC_SOURCE_DIR "/checks/blocklist/blocklists.toml").value());
  smtp::Survey survey;
  survey.hosts.resize(1);
  survey.hosts[0].host.name = *dns::Name::parse("mx.example.org");
  survey.hosts[0].probes = std::move(probes);
  CheckReport report{.check = "smtp"};
  refusal::judge(refusal::refusals_of(survey), classifier, lists, report);
  for (const Finding& finding : report.findings) {
    test::expect_words_are_filled(finding);
    EXPECT_EQ(finding.subject, "mx.example.org");  // so that it explains the finding about the stage
  }
  return report;
}
}  // namespace

TEST(Refusal, ABannerThatNamesABlockListHasItsRemedy) {
  const CheckReport report = explained({refused(Cause::banner_rejected, {554, {"5.7.1 Service unavailable; client blocked using zen.spamhaus.org"}})});
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].id, "bounce.blocklisted");
  EXPECT_EQ(report.findings[0].severity, std::nullopt);
  EXPECT_THAT(report.findings[0].evidence, Contains(Field(&Evidence::text, "https://check.spamhaus.org/")));
  EXPECT_THAT(report.findings[0].evidence, Contains(Field(&Evidence::source, HasSubstr("rule "))));
}

TEST(Refusal, EachStageIsExplained) {
  EXPECT_EQ(explained({refused(Cause::rcpt_rejected, {550, {"5.1.1 <you@example.org>: Recipient address rejected: User unknown in virtual mailbox table"}})}).findings.at(0).id, "bounce.unknown-recipient");
  EXPECT_EQ(explained({refused(Cause::mail_rejected, {550, {"5.7.25 The IP address sending this message does not have a PTR record"}})}).findings.at(0).id, "bounce.no-reverse-name");
  // Lines of one reply are read together.
  EXPECT_EQ(explained({refused(Cause::ehlo_rejected, {554, {"5.7.1 Service unavailable; Client host [203.0.113.7] blocked", "5.7.1 using zen.spamhaus.org"}})}).findings.at(0).id, "bounce.blocklisted");
}

/// "Later" is no fault that was found: the stage was not measured, and a note says why.
TEST(Refusal, WhatPassesByItselfIsANote) {
  const CheckReport report = explained({refused(Cause::banner_busy, {421, {"4.7.0 mx.example.org Error: too many connections from 203.0.113.7"}})});
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].severity, Severity::info);
  EXPECT_EQ(report.outcome, Outcome::ran);
}

TEST(Refusal, ACodeAloneAndForeignWordsAddNothing) {
  EXPECT_THAT(explained({refused(Cause::banner_rejected, {554, {"no"}})}).findings, IsEmpty());
  EXPECT_THAT(explained({refused(Cause::banner_rejected, {554, {"xyzzy plugh"}})}).findings, IsEmpty());
  EXPECT_THAT(explained({refused(Cause::banner_rejected, {554, {}})}).findings, IsEmpty());
  const CheckReport hostile = explained({refused(Cause::banner_rejected, {554, {std::string(4096, 'x'), std::string("\0\xff\x1b[2J", 6)}})});
  EXPECT_THAT(hostile.unknowns, IsEmpty());
}

TEST(Refusal, WhatWasNotRefusedIsNotExplained) {
  smtp::Probe silent = refused(Cause::timed_out, {220, {"mx"}});
  EXPECT_THAT(explained({silent}).findings, IsEmpty());
  EXPECT_THAT(explained({refused(Cause::none, {220, {"mx"}})}).findings, IsEmpty());
}

/// Two addresses of a host that say the same: one finding.
TEST(Refusal, TheSameWordsAreToldOnce) {
  const Reply reply{554, {"5.7.1 Service unavailable; client blocked using zen.spamhaus.org"}};
  EXPECT_EQ(explained({refused(Cause::banner_rejected, reply), refused(Cause::banner_rejected, reply)}).findings.size(), 1u);
}
