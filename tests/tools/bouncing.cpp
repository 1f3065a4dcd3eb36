// mailmedic bounce as a user runs it.
#include <gmock/gmock.h>

#include "tests/support/tool.hpp"

using namespace mailmedic::test;
using testing::HasSubstr;

TEST(BounceTool, ABareReply) {
  const Ran run = run_tool({"bounce", "--offline", "--json", "--to", "a@example.com", "--text", "452 4.2.2 The email account that you tried to reach is over quota. - gsmtp"});
  EXPECT_EQ(run.status, 1) << run.told();
  const auto facts = run.json().at("facts").as_object();
  EXPECT_EQ(facts.at("kind").as_string(), "delayed");
  const auto one = facts.at("recipients").as_array().at(0).as_object();
  EXPECT_EQ(one.at("recipient").as_string(), "a@example.com");
  EXPECT_EQ(one.at("class").as_string(), "mailbox-full");
  EXPECT_EQ(one.at("provider").as_string(), "gmail");
  EXPECT_FALSE(one.at("hard").as_bool());
}

TEST(BounceTool, WhatNoRuleFitsCouldNotBeTold) {
  const Ran run = run_tool({"bounce", "--offline", "--json", "--text", "550 the moon is in the wrong house"});
  EXPECT_EQ(run.status, 3) << run.told();
  EXPECT_EQ(run.json().at("facts").at("recipients").at(0).at("class").as_string(), "unmatched");
}

TEST(BounceTool, ManyMessagesAreALineEach) {
  const Ran run = run_tool({"bounce", "--offline", "--format", "ndjson", MAILMEDIC_SOURCE_DIR "/tests/vectors/bounces/sisimai/rhost-yahooinc-02.eml", MAILMEDIC_SOURCE_DIR "/tests/vectors/bounces/sisimai/rhost-tencent-02.eml"});
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 2) << run.told();
  EXPECT_THAT(run.err, HasSubstr("2 messages: 2 "));
}

TEST(BounceTool, AWrongRuleFileIsNamed) {
  const Folder folder;
  std::ofstream(folder.file("mine.toml")) << "source = \"here\"\nread = 2026-01-01\n\n[[rule]]\nid = \"a\"\nmatch = ['x']\nreason = \"nonsense\"\n";
  const Ran run = run_tool({"bounce", "--offline", "--rules", folder.file("."), "--text", "550 x"});
  EXPECT_EQ(run.status, 3);
  EXPECT_THAT(run.err, HasSubstr("mine.toml:4: rule a: there is no reason \"nonsense\""));
}

TEST(BounceTool, ARuleIsExplained) {
  const Ran run = run_tool({"bounce", "--explain-rule", "gmail.no-ptr"});
  EXPECT_EQ(run.status, 0) << run.told();
  EXPECT_THAT(run.out, HasSubstr("no-reverse-name"));
  EXPECT_EQ(run_tool({"bounce", "--explain-rule", "none.such"}).status, 3);
}

TEST(BounceTool, ABundleIsPlainTextForAForm) {
  const Words words{"bounce", "--offline", "--own", "203.0.113.7", "--to", "a@example.com", "--text", "554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using zen.spamhaus.org"};
  Words bundle = words, json = words;
  bundle.insert(bundle.end(), {"--bundle", "--mended", "the form has a captcha now"});
  json.insert(json.end(), {"--bundle", "--json"});
  const Ran run = run_tool(bundle);
  EXPECT_EQ(run.status, 2) << run.told();
  EXPECT_THAT(run.out, testing::StartsWith("Refused: mail from 203.0.113.7 to example.com\n"));
  EXPECT_THAT(run.out, HasSubstr("- the form has a captcha now\n"));
  EXPECT_THAT(run.out, testing::Not(HasSubstr("bounce.blocklisted")));
  EXPECT_THAT(std::string(run_tool(json).json().at("facts").at("recipients").at(0).at("bundle").as_string()), testing::StartsWith("Refused: "));
  EXPECT_EQ(run_tool({"bounce", "--offline", "--text", "550 x", "--mended", "y"}).status, 3);
}
