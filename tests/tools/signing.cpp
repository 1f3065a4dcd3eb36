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

const std::string stamp = "From joe@example.org Fri Sep 18 10:00:00 2026\n";

/// `count` messages with lines that could be taken for envelopes.
std::string mbox(int messages) {
  std::string out, text(letter);
  std::erase(text, '\r');
  for (int i = 0; i < messages; ++i) out += stamp + "X-Number: " + std::to_string(i) + "\n" + text + ">From me\n>>From you\n\n";
  return out;
}

/// Every message of an mbox is signed, in its place, and is otherwise as it was.
TEST(Sign, KeepsTheOrderAndTheQuotesOfAnMbox) {
  const Keys keys;
  const std::string in = mbox(300), file = written(keys.folder.file("/in.mbox"), in);
  const Ran run = run_tool({"sign", "--domain", "example.org", "--key", keys.rsa, "--mbox", keys.folder.file("/out.mbox"), file});
  ASSERT_EQ(run.status, 0) << run.told();
  std::string out = content_of(keys.folder.file("/out.mbox"));
  EXPECT_EQ(count(out, "DKIM-Signature: "), 300u);
  for (auto at = out.find("DKIM-Signature: "); at != out.npos; at = out.find("DKIM-Signature: ", at)) out.erase(at, out.find("X-Number", at) - at);
  EXPECT_TRUE(out == in) << out.substr(0, 2000);
  const Ran again = run_tool({"sign", "--domain", "example.org", "--key", keys.rsa, "--mbox", keys.folder.file("/out.mbox"), file});
  EXPECT_EQ(again.status, 3);
  EXPECT_THAT(again.err, HasSubstr("is not overwritten"));
  const Ran piped = run_tool({"sign", "--domain", "example.org", "--key", keys.rsa, file});
  EXPECT_EQ(count(piped.out, "\nDKIM-Signature: "), 300u) << piped.told().substr(0, 500);
  EXPECT_EQ(count(piped.out, stamp), 300u);
}

/// maildir(5): what is in tmp is not a message yet.
TEST(Sign, SignsAMaildirAndMakesAnMboxOfIt) {
  const Keys keys;
  const Folder box, out;
  for (const char* part : {"/cur", "/new", "/tmp"}) std::filesystem::create_directory(box.file(part));
  written(box.file("/cur/1.a:2,S"), letter);
  written(box.file("/new/2.b"), std::string(letter) + "From now on\r\n");
  written(box.file("/tmp/3.c"), letter);
  Words command{"sign", "--domain", "example.org", "--key", keys.rsa, box.file("")};
  EXPECT_EQ(run_tool(command).status, 3);
  command.insert(command.end(), {"--output", out.file("")});
  const Ran run = run_tool(command);
  ASSERT_EQ(run.status, 0) << run.told();
  EXPECT_THAT(content_of(out.file("/1.a:2,S")), ::testing::EndsWith(std::string(letter)));
  EXPECT_THAT(content_of(out.file("/2.b")), StartsWith("DKIM-Signature: "));
  EXPECT_FALSE(std::filesystem::exists(out.file("/3.c")));
  const Ran joined = run_tool({"sign", "--domain", "example.org", "--key", keys.rsa, "--mbox", out.file("/box"), box.file("")});
  ASSERT_EQ(joined.status, 0) << joined.told();
  const std::string made = content_of(out.file("/box"));
  EXPECT_THAT(made, StartsWith("From MAILER-DAEMON "));
  EXPECT_THAT(made, HasSubstr("\r\n>From now on\r\n\r\n"));
  EXPECT_EQ(count(made, "DKIM-Signature: "), 2u);
}

TEST(Sign, NamesTheMessageOfAnMboxThatCannotBeSigned) {
  const Keys keys;
  const Folder out;
  const std::string file = written(keys.folder.file("/in.mbox"), mbox(1) + stamp + "Subject: no sender\n\n\n" + mbox(1));
  const Ran run = run_tool({"sign", "--domain", "example.org", "--key", keys.rsa, "--mbox", out.file("/out"), file});
  EXPECT_EQ(run.status, 3);
  EXPECT_THAT(run.err, HasSubstr("in.mbox:2: the message has no From field"));
  EXPECT_EQ(count(content_of(out.file("/out")), "DKIM-Signature: "), 2u);
  const Ran apart = run_tool({"sign", "--domain", "example.org", "--key", keys.rsa, "--output", out.file(""), file});
  EXPECT_EQ(apart.status, 3);
  EXPECT_THAT(content_of(out.file("/in.mbox-3.eml")), StartsWith("DKIM-Signature: "));
}

/// A pipe that never ends stands for a long run: what was taken from it is signed and written whole.
TEST(Sign, KeepsWhatIsDoneAtCtrlC) {
  const Keys keys;
  const std::string pipe = keys.folder.file("/pipe"), out = keys.folder.file("/out.mbox");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const std::string tool = MAILMEDIC_BINARY_DIR "/bin/mailmedic-sign";
    ::execl(tool.c_str(), tool.c_str(), "--domain", "example.org", "--key", keys.rsa.c_str(), "--mbox", out.c_str(), pipe.c_str(), nullptr);
    ::_exit(127);
  }
  {
    std::ofstream writer(pipe, std::ios::binary);
    writer << mbox(4000) << std::flush;
    while (count(content_of(out), "DKIM-Signature: ") < 10) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ::kill(child, SIGINT);
  }
  int how = 0;
  ::waitpid(child, &how, 0);
  ASSERT_TRUE(WIFEXITED(how));
  EXPECT_EQ(WEXITSTATUS(how), 3);
  const std::string made = content_of(out);
  EXPECT_EQ(count(made, "DKIM-Signature: "), count(made, stamp));
  EXPECT_LT(count(made, stamp), 4000u);
  EXPECT_THAT(made, ::testing::EndsWith(">From me\n>>From you\n\n"));
}

TEST(Sign, SeveralMessagesNeedAFolder) {
  const Keys keys;
  const Ran run = run_tool({"sign", "--domain", "example.org", "--key", keys.rsa, "a.eml", "b.eml"});
  EXPECT_EQ(run.status, 3);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("--output DIR or --mbox FILE"));
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

/// Reports come in the order of the messages, from all cores; what cannot be read is named, and ends nothing.
TEST(Message, LooksAtManyInTheirOrder) {
  const Folder folder;
  std::string two = mbox(200);
  two.replace(two.find("X-Number: 7\n"), 9, "no field!");
  const Ran run = run_tool({"message", written(folder.file("/in.mbox"), two), "--format", "ndjson", "--resolver", "127.0.0.1:1", "--timeout", "0.05"});
  EXPECT_NE(run.status, 0) << run.told().substr(0, 1000);
  EXPECT_THAT(run.err, HasSubstr("in.mbox:8: line 1 is no header field"));
  std::istringstream lines(run.out);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    if (++number == 8) ++number;
    EXPECT_THAT(std::string(boost::json::parse(line).at("target").as_string()), ::testing::EndsWith("in.mbox:" + std::to_string(number)));
  }
  EXPECT_EQ(number, 200);
}

/// --checks leaves the rest out, and asks DNS for keys alone.
TEST(Message, LooksAtSignaturesAlone) {
  const Keys keys;
  const Ran made = run_tool({"sign", "--domain", "example.org", "--key", keys.rsa, written(keys.folder.file("/letter.eml"), letter)});
  const Ran run = run_tool({"message", written(keys.folder.file("/signed.eml"), made.out), "--json", "-v", "--checks", "signature", "--resolver", "127.0.0.1:1", "--timeout", "0.2"});
  const auto facts = run.json().at("facts").as_object();
  EXPECT_EQ(facts.at("signatures").at(0).at("body_hash"), "pass");
  EXPECT_FALSE(facts.contains("dmarc") || facts.contains("lint") || facts.contains("path")) << run.told();
  EXPECT_EQ(count(run.err, "dns  "), count(run.err, "s1._domainkey.example.org") + count(run.err, "NS .")) << run.told();
}

TEST(Message, TellsTheWayAndWhatReceiversWrote) {
  const Folder folder;
  const std::string text = "Received: from a.test (a.test [192.0.2.1])\r\n\tby mx.test (Postfix) with ESMTPS id 1 (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256);\r\n\tFri, 18 Sep 2026 10:00:04 +0000\r\n"
                           "Received: by a.test; Fri, 18 Sep 2026 10:00:00 +0000\r\nX-Forefront-Antispam-Report: SFV:SPM;SCL:5\r\n" + std::string(letter);
  Words command{"message", written(folder.file("/a.eml"), text), "--resolver", "127.0.0.1:1", "--timeout", "0.2"};
  const Ran words = run_tool(command);
  EXPECT_THAT(words.out, HasSubstr("4 s  a.test -> mx.test  (ESMTPS, TLSv1.3 TLS_AES_128_GCM_SHA256)")) << words.told();
  EXPECT_THAT(words.out, HasSubstr("marked the message as spam (SFV:SPM)"));
  command.push_back("--json");
  const auto facts = run_tool(command).json().at("facts").as_object();
  EXPECT_EQ(facts.at("path").at(1).at("delay_seconds"), 4);
  EXPECT_EQ(facts.at("path").at(1).at("tls_version"), "TLSv1.3");
  EXPECT_EQ(facts.at("verdicts").at(0).at("codes").at("SFV"), "SPM");
}


}  // namespace
}  // namespace mailmedic::test
