// What a log's counts mean: a finding for each cause, and what could not be read.
#include <gmock/gmock.h>

#include "checks/log/judge.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/tool.hpp"

namespace mailmedic::log {
namespace {

using test::Folder;

std::string line(std::string_view status, std::string_view dsn, std::string_view reason) {
  return "2026-11-23T08:00:01Z mx postfix/smtp[1]: AAAAA1: to=<a@b.test>, relay=x[192.0.2.2]:25, delay=1, dsn=" + std::string(dsn) + ", status=" + std::string(status) + " (" + std::string(reason) + ")\n";
}

std::string times(int count, const std::string& text) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

CheckReport judged(const std::string& text) {
  const Folder folder;
  std::ofstream(folder.file("mail.log"), std::ios::binary) << text;
  Gatherer gatherer({});
  gatherer.read({folder.file("mail.log")});
  CheckReport report{.check = "log"};
  judge(gatherer.result(), report);
  for (const Finding& finding : report.findings) {
    test::expect_words_are_filled(finding);
    EXPECT_FALSE(finding.evidence.empty());
  }
  for (const Finding& finding : report.unknowns) {
    test::expect_words_are_filled(finding);
    EXPECT_FALSE(finding.evidence.empty());
  }
  return report;
}

std::set<std::string> ids(const std::vector<Finding>& findings) {
  std::set<std::string> out;
  for (const Finding& finding : findings) out.emplace(finding.id);
  return out;
}

TEST(LogFindings, TheCatalogueFitsTheCode) { test::expect_catalogue_fits_code("log"); }

/// Each cause with a line that has it, and its finding.
TEST(LogFindings, EachCauseHasOne) {
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"log.recipient", "5.1.1", "550 5.1.1 user unknown"}, {"log.mailbox-full", "5.2.2", "552 5.2.2 over quota"}, {"log.disabled", "5.2.1", "550 5.2.1 closed"},
      {"log.domain", "5.4.4", "Host or domain name not found"}, {"log.network", "4.4.1", "Connection refused"}, {"log.reputation", "5.7.1", "554 blocked using zen.spamhaus.org"},
      {"log.authentication", "5.7.26", "550 5.7.26 not wanted"}, {"log.content", "5.7.1", "554 looks like spam"}, {"log.policy", "5.7.1", "554 5.7.1 not for you"},
      {"log.relay", "5.7.1", "554 Relay access denied"}, {"log.size", "5.3.4", "552 5.3.4 too much"}, {"log.rate", "4.7.0", "421 too many messages"},
      {"log.greylist", "4.2.0", "450 Greylisted"}, {"log.system", "4.3.0", "451 4.3.0 oops"}, {"log.tls", "4.7.4", "Cannot start TLS: TLS handshake failure"}, {"log.unmatched", "5.0.0", "550 no"}};
  for (const auto& [id, dsn, reason] : cases) {
    const CheckReport report = judged(line(dsn.starts_with('4') ? "deferred" : "bounced", dsn, reason));
    EXPECT_EQ(ids(report.findings), std::set<std::string>{id}) << reason;
    EXPECT_EQ(report.findings.at(0).evidence.at(0).text, reason);
    EXPECT_EQ(report.outcome, Outcome::ran);
  }
}

TEST(LogFindings, NothingFailedNothingIsSaid) {
  const CheckReport report = judged(line("sent", "2.0.0", "250 ok"));
  EXPECT_TRUE(report.findings.empty());
  EXPECT_TRUE(report.unknowns.empty());
}

TEST(LogFindings, AFewFailuresAreEverydayAndManyAreNot) {
  const std::string good = times(1000, line("sent", "2.0.0", "250 ok")), unknown = line("bounced", "5.1.1", "550 5.1.1 user unknown"), listed = line("bounced", "5.7.1", "554 blocked using zen.spamhaus.org");
  EXPECT_EQ(judged(good + times(30, unknown)).findings.at(0).severity, std::nullopt);
  EXPECT_EQ(judged(good + times(100, unknown)).findings.at(0).severity, Severity::warning);
  EXPECT_EQ(judged(good + times(100, listed)).findings.at(0).severity, Severity::error);
  EXPECT_EQ(judged(times(3, unknown)).findings.at(0).severity, std::nullopt) << "three are few, be they all";
}

TEST(LogFindings, WhatThisServerRefusedAndGaveUp) {
  const CheckReport report = judged(
      "2026-11-23T08:00:01Z mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from c.test[192.0.2.1]: 550 5.1.1 <x@y.test>: User unknown; from=<a@b.test> to=<x@y.test> proto=ESMTP helo=<c>\n"
      "2026-11-23T08:00:01Z mx postfix/qmgr[1]: 66C15648577B: from=<u@y.test>, status=expired, returned to sender\n");
  EXPECT_EQ(ids(report.findings), (std::set<std::string>{"log.rejected", "log.expired"}));
}

TEST(LogFindings, WhatWasSkippedIsSaid) {
  const CheckReport report = judged(line("sent", "2.0.0", "250 ok") + "cut off line\n");
  EXPECT_EQ(ids(report.findings), std::set<std::string>{"log.skipped-lines"});
  EXPECT_TRUE(report.unknowns.empty());
}

/// Neither a log that cannot be read nor one of something else says that all is well.
TEST(LogFindings, WhatCannotBeReadIsUnknown) {
  const CheckReport other = judged("2026-11-23T08:00:01Z mx sshd[1]: Accepted publickey\n");
  EXPECT_EQ(ids(other.unknowns), std::set<std::string>{"log.nothing-read"});
  EXPECT_EQ(other.outcome, Outcome::inconclusive);
  Gatherer gatherer({});
  gatherer.read({"/no/such/mail.log"});
  CheckReport missing;
  judge(gatherer.result(), missing);
  EXPECT_EQ(ids(missing.unknowns), (std::set<std::string>{"log.unreadable-file", "log.nothing-read"}));
}

}  // namespace
}  // namespace mailmedic::log
