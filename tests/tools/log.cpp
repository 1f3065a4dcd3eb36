// mailmedic log as its users run it.
#include <gmock/gmock.h>

#include <fstream>
#include <map>

#include "tests/support/tool.hpp"

namespace mailmedic::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string lab_logs = MAILMEDIC_SOURCE_DIR "/tests/vectors/logs/lab/";

std::string log_line(std::string_view status, std::string_view dsn, std::string_view reason) {
  return "2026-11-23T08:00:01Z mx postfix/smtp[1]: AAAAA1: to=<=cmd@b.test>, relay=x[192.0.2.2]:25, delay=1, dsn=" + std::string(dsn) + ", status=" + std::string(status) + " (" + std::string(reason) + ")\n";
}

TEST(LogTool, TellsTotalsGroupsAndSpan) {
  const Ran run = run_tool({"log", "--json", lab_logs + "postfix-sender-iso.log"});
  EXPECT_EQ(run.err, "");
  const auto report = run.json();
  EXPECT_EQ(report.at("tool"), "log");
  const auto& facts = report.at("facts").as_object();
  const auto& totals = facts.at("totals").as_object();
  EXPECT_EQ(totals.at("messages").to_number<int>(), 51);
  EXPECT_EQ(totals.at("delivered").to_number<int>(), 17);
  EXPECT_EQ(totals.at("deferred").to_number<int>(), 19);
  EXPECT_EQ(totals.at("bounced").to_number<int>(), 12);
  EXPECT_EQ(totals.at("rejected").to_number<int>(), 0);
  EXPECT_EQ(facts.at("span").as_object().at("first"), "2026-11-23T22:24:38Z");
  std::uint64_t grouped = 0;
  for (const auto& group : facts.at("groups").as_array()) {
    grouped += group.as_object().at("count").to_number<std::uint64_t>();
    EXPECT_FALSE(group.as_object().at("sample").as_string().empty());
  }
  EXPECT_GT(grouped, 10u);
  EXPECT_LE(facts.at("groups").as_array().size(), 10u);
}

TEST(LogTool, ABusyMailboxIsNoDeadOneAndRulesKnowMoreWords) {
  const Folder folder;
  std::ofstream(folder.file("mail.log")) << log_line("deferred", "4.2.1", "host x[192.0.2.2] said: 450 4.2.1 <user@b.test>: Recipient address rejected: The mailbox is temporarily busy")
                                         << log_line("bounced", "5.7.26", "host x[192.0.2.2] said: 550-5.7.26 This mail has been blocked because the sender is unauthenticated - gsmtp");
  const auto report = run_tool({"log", "--json", folder.file("mail.log")}).json();
  std::map<std::string, std::string> classes;
  for (const auto& group : report.at("facts").at("groups").as_array()) classes[std::string(group.at("kind").as_string())] = group.at("class").as_string();
  EXPECT_EQ(classes["deferred"], "system");
  EXPECT_EQ(classes["bounced"], "authentication");
}

TEST(LogTool, TextHoldsTheTables) {
  const Ran run = run_tool({"log", lab_logs + "postfix-sender.log", lab_logs + "opensmtpd.log"});
  for (const std::string part : {"Totals", "Causes", "Receivers", "Senders", "Own addresses", "Over time", "[log.recipient]"}) EXPECT_THAT(run.out, HasSubstr(part)) << run.told();
}

TEST(LogTool, WritesWhatIsGoneForGood) {
  const Folder folder;
  std::ofstream(folder.file("mail.log")) << log_line("bounced", "5.1.1", "host x[192.0.2.2] said: 550 5.1.1 user unknown (in reply to RCPT TO command)");
  const Ran run = run_tool({"log", folder.file("mail.log"), "--suppression", folder.file("gone.csv")});
  EXPECT_EQ(run.status, 0) << run.told();
  EXPECT_EQ(content_of(folder.file("gone.csv")),
            "address,class,status,reply,count,first,last,text\r\n'=cmd@b.test,recipient,5.1.1,550,1,2026-11-23T08:00:01Z,2026-11-23T08:00:01Z,550 5.1.1 user unknown\r\n");
  EXPECT_EQ(run_tool({"log", folder.file("mail.log"), "--suppression", "/no/such/gone.csv"}).status, 3);
}

TEST(LogTool, WhatCannotBeReadIsInconclusive) {
  const Folder folder;
  std::ofstream(folder.file("cut.gz"), std::ios::binary) << "\x1f\x8b\x08";
  const Ran run = run_tool({"log", "--json", folder.file("cut.gz"), "/no/such/mail.log"});
  EXPECT_EQ(run.status, 3) << run.told();
  EXPECT_EQ(run.json().at("status"), "inconclusive");
  EXPECT_THAT(run.out, HasSubstr("log.unreadable-file"));
  EXPECT_THAT(run.out, HasSubstr("No such file"));
}

TEST(LogTool, TextOfTheNetworkIsHarmless) {
  const Folder folder;
  std::ofstream(folder.file("mail.log")) << log_line("bounced", "5.0.0", "550 \x1b[31m<script>alert(1)</script>");
  const Ran text = run_tool({"log", folder.file("mail.log")});
  EXPECT_THAT(text.out, HasSubstr("\\x1b[31m"));
  EXPECT_THAT(text.out, ::testing::Not(HasSubstr("\x1b[31m")));
  const Ran page = run_tool({"log", folder.file("mail.log"), "--format", "html"});
  EXPECT_THAT(page.out, ::testing::Not(HasSubstr("<script>alert")));
}

TEST(LogTool, APageHasTheHistogramDrawn) {
  const Folder folder;
  const Ran run = run_tool({"log", lab_logs + "postfix-receiver.log", "--format", "html"});
  EXPECT_THAT(run.out, HasSubstr("<svg viewBox"));
  EXPECT_THAT(run.out, HasSubstr("<rect class=\"series0\""));
  EXPECT_THAT(run.out, HasSubstr("41 rejected</title>"));
}

/// A log grows, is rotated, and grows again.
TEST(LogTool, FollowsALogOverItsRotation) {
  const Folder folder;
  const std::string log = folder.file("mail.log"), out = folder.file("out");
  std::ofstream(log) << log_line("sent", "2.0.0", "250 ok");
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(MAILMEDIC_BINARY_DIR "/bin/mailmedic-log", "mailmedic-log", "--follow", "--every", "1", "--format", "ndjson", "-o", out.c_str(), log.c_str(), nullptr);
    ::_exit(99);
  }
  const auto wait_for = [&](std::string_view part) {
    for (int i = 0; i < 1200 && content_of(out).find(part) == std::string::npos; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_THAT(content_of(out), HasSubstr(std::string(part)));
  };
  wait_for("\"delivered\":1,");
  std::ofstream(log, std::ios::app) << log_line("sent", "2.0.0", "250 ok");
  wait_for("\"delivered\":2,");
  std::filesystem::rename(log, log + ".1");
  std::ofstream(log) << log_line("sent", "2.0.0", "250 ok");
  wait_for("\"delivered\":3,");
  ::kill(child, SIGTERM);
  int how = 0;
  ::waitpid(child, &how, 0);
  EXPECT_TRUE(WIFEXITED(how));
  EXPECT_EQ(WEXITSTATUS(how), 0);
}

}  // namespace
}  // namespace mailmedic::test
