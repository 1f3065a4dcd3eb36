// keygen, sign and message together: what one makes, the next takes.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/tool.hpp"

namespace mailmedic::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view letter = "From: Joe <joe@example.org>\r\nTo: sue@example.net\r\nSubject: Dinner\r\nMessage-ID: <1@example.org>\r\nDate: Fri, 18 Sep 2026 10:00:00 +0000\r\n\r\nHi.\r\n";

std::string written(const std::string& file, std::string_view text) {
  std::ofstream(file, std::ios::binary) << text;
  return file;
}

/// Both kinds of key at s1 of example.org, made by keygen.
struct Keys {
  Folder folder;
  Ran made = run_tool({"keygen", "example.org", "--selector", "s1", "--type", "both", "--output", folder.file(""), "--json"});
  std::string rsa = "s1:" + folder.file("/s1.example.org.key"), ed25519 = "s1-ed25519:" + folder.file("/s1-ed25519.example.org.key");
};

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t out = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++out;
  return out;
}

TEST(Keygen, WritesAKeyForItsOwnerAloneAndNeverTwice) {
  const Folder folder;
  const Words command{"keygen", "example.org", "--selector", "s1", "--bits", "1024", "--output", folder.file("")};
  const Ran run = run_tool(command);
  ASSERT_EQ(run.status, 0) << run.told();
  struct stat about {};
  ASSERT_EQ(::stat(folder.file("/s1.example.org.key").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0600u);
  const std::string content = content_of(folder.file("/s1.example.org.key"));
  EXPECT_THAT(content, StartsWith("-----BEGIN PRIVATE KEY-----"));
  EXPECT_THAT(run.out, Not(HasSubstr("PRIVATE KEY-----")));
  const Ran again = run_tool(command);
  EXPECT_EQ(again.status, 3);
  EXPECT_THAT(again.err, HasSubstr("never overwritten"));
  EXPECT_EQ(content_of(folder.file("/s1.example.org.key")), content);
}

/// RFC 1035 section 3.3: a string holds 255 bytes.
TEST(Keygen, TellsTheRecordInOneLineAndForAZoneFile) {
  const Keys keys;
  ASSERT_EQ(keys.made.status, 0) << keys.made.told();
  const auto all = keys.made.json().at("keys").as_array();
  ASSERT_EQ(all.size(), 2u);
  const auto& rsa = all[0].as_object();
  EXPECT_EQ(rsa.at("name"), "s1._domainkey.example.org");
  EXPECT_EQ(rsa.at("bits"), 2048);
  const std::string record(rsa.at("record").as_string());
  EXPECT_THAT(record, StartsWith("v=DKIM1; k=rsa; p=MII"));
  std::string joined;
  for (const auto& one : rsa.at("strings").as_array()) {
    EXPECT_LE(one.as_string().size(), 255u);
    joined += one.as_string();
  }
  EXPECT_EQ(joined, record);
  EXPECT_EQ(rsa.at("strings").as_array().size(), 2u);
  EXPECT_THAT(std::string(rsa.at("zone").as_string()), StartsWith("s1._domainkey.example.org. IN TXT (\n    \"v=DKIM1;"));
  EXPECT_EQ(all[1].at("name"), "s1-ed25519._domainkey.example.org");
  EXPECT_THAT(std::string(all[1].at("zone").as_string()), StartsWith("s1-ed25519._domainkey.example.org. IN TXT \"v=DKIM1; k=ed25519; p="));
}

TEST(Sign, PutsOneSignatureAKeyInFrontOfTheMessage) {
  const Keys keys;
  const std::string file = written(keys.folder.file("/letter.eml"), letter);
  const Ran run = run_tool({"sign", "--domain", "example.org", "--key", keys.rsa, "--key", keys.ed25519, "--identity", "@news.example.org", "--expire-days", "7", file});
  ASSERT_EQ(run.status, 0) << run.told();
  EXPECT_EQ(count(run.out, "DKIM-Signature: v=1; a="), 2u);
  EXPECT_THAT(run.out, HasSubstr("a=rsa-sha256; c=relaxed/relaxed;\r\n\td=example.org; s=s1;\r\n\ti=@news.example.org;"));
  EXPECT_THAT(run.out, HasSubstr("a=ed25519-sha256"));
  EXPECT_THAT(run.out, HasSubstr("; x="));
  EXPECT_THAT(run.out, Not(HasSubstr(" l=")));
  EXPECT_THAT(run.out, ::testing::EndsWith(std::string(letter)));
}

/// A mailbox file's lines end in LF, and its first line is no field.
TEST(Sign, KeepsTheLineEndsOfTheFile) {
  const Keys keys;
  std::string text = "From joe@example.org Fri Sep 18 10:00:00 2026\n" + std::string(letter);
  std::erase(text, '\r');
  const Ran run = run_tool({"sign", "--domain", "example.org", "--key", keys.rsa, written(keys.folder.file("/letter.eml"), text)});
  ASSERT_EQ(run.status, 0) << run.told();
  EXPECT_THAT(run.out, StartsWith("From joe@example.org Fri Sep 18 10:00:00 2026\nDKIM-Signature: "));
  EXPECT_EQ(count(run.out, "\r"), 0u);
}

TEST(Sign, SignsManyIntoAFolderAndOverwritesNothing) {
  const Keys keys;
  const Folder out;
  Words command{"sign", "--domain", "example.org", "--key", keys.rsa, "--output", out.file("")};
  for (int i = 0; i < 20; ++i) command.push_back(written(keys.folder.file("/" + std::to_string(i)), letter));
  command.push_back(written(keys.folder.file("/unsignable"), "Subject: no sender\r\n\r\n"));
  const Ran run = run_tool(command);
  EXPECT_EQ(run.status, 3) << run.told();
  EXPECT_THAT(run.err, HasSubstr("unsignable: the message has no From field"));
  for (int i = 0; i < 20; ++i) EXPECT_THAT(content_of(out.file("/" + std::to_string(i))), StartsWith("DKIM-Signature: ")) << i;
  EXPECT_FALSE(std::filesystem::exists(out.file("/unsignable")));
  command.pop_back();
  const std::string before = content_of(out.file("/0"));
  const Ran again = run_tool(command);
  EXPECT_EQ(again.status, 3);
  EXPECT_THAT(again.err, HasSubstr("is not overwritten"));
  EXPECT_EQ(content_of(out.file("/0")), before);
}

TEST(Sign, SeveralMessagesNeedAFolder) {
  const Keys keys;
  const Ran run = run_tool({"sign", "--domain", "example.org", "--key", keys.rsa, "a.eml", "b.eml"});
  EXPECT_EQ(run.status, 3);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("--output DIR"));
}

/// Without DNS nothing is told of the published record, and nothing is signed.
TEST(Sign, CheckCannotTellWithoutDns) {
  const Keys keys;
  const Ran run = run_tool({"sign", "--domain", "example.org", "--key", keys.rsa, "--check", "--json", "--resolver", "127.0.0.1:1", "--timeout", "0.2"});
  EXPECT_EQ(run.status, 3) << run.told();
  EXPECT_EQ(run.json()["status"], "inconclusive");
  EXPECT_TRUE(run.json()["findings"].as_array().empty()) << run.told();
}

/// Where DNS does not answer, the body hash is judged all the same and the signature neither passes nor fails.
TEST(Message, TellsTemperrorWithoutDns) {
  const Keys keys;
  const Ran made = run_tool({"sign", "--domain", "example.org", "--key", keys.rsa, written(keys.folder.file("/letter.eml"), letter)});
  const Ran run = run_tool({"message", written(keys.folder.file("/signed.eml"), made.out), "--json", "--resolver", "127.0.0.1:1", "--timeout", "0.2"});
  EXPECT_EQ(run.status, 3) << run.told();
  const auto facts = run.json().at("facts").as_object();
  const auto& signature = facts.at("signatures").at(0);
  EXPECT_EQ(signature.at("result"), "temperror");
  EXPECT_EQ(signature.at("body_hash"), "pass");
  EXPECT_EQ(signature.at("header_hash"), "unknown");
  EXPECT_EQ(facts.at("arc").at("result"), "none");
  EXPECT_TRUE(facts.at("arc").at("sets").as_array().empty());
}

/// Without DNS: what the message itself shows is judged, the rest is not measurable.
TEST(Message, IsHeldAgainstWhatReceiversAskFor) {
  const Keys keys;
  const std::string file = written(keys.folder.file("/letter.eml"), letter);
  const Words command{"message", file, "--profile", "gmail", "--bulk", "--resolver", "127.0.0.1:1", "--timeout", "0.2"};
  Words as_json = command;
  as_json.push_back("--json");
  const auto facts = run_tool(as_json).json().at("facts").as_object();
  std::map<std::string, std::string> results;
  for (const auto& row : facts.at("receivers").at("rules").as_array()) results[std::string(row.at("id").as_string())] = std::string(row.at("result").as_string());
  EXPECT_EQ(results.at("REQ-11"), "fail") << "a letter in bulk without List-Unsubscribe";
  EXPECT_EQ(results.at("REQ-06"), "not-measurable");
  EXPECT_THAT(run_tool(command).out, HasSubstr("Gmail: "));
  const Ran wrong = run_tool({"message", file, "--profile", "hotmail"});
  EXPECT_EQ(wrong.status, 3);
  EXPECT_THAT(wrong.err, HasSubstr("--profile hotmail: no such receiver; there are gmail"));
}

}  // namespace
}  // namespace mailmedic::test
