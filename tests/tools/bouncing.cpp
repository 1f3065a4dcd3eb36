// mailmedic bounce as a user runs it.
#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>

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

namespace {

/// A program of its own that may be asked to end.
class Running {
 public:
  explicit Running(Words words) {
    words.insert(words.begin(), MAILMEDIC_BINARY_DIR "/bin/mailmedic-bounce");
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (::posix_spawn(&child_, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) throw std::runtime_error("cannot be started");
  }
  void ask_to_end() const { ::kill(child_, SIGINT); }
  int status() const {
    int how = 0;
    ::waitpid(child_, &how, 0);
    return WIFEXITED(how) ? WEXITSTATUS(how) : -WTERMSIG(how);
  }

 private:
  pid_t child_ = 0;
};

/// A resolver that is asked and says nothing.
class SilentResolver {
 public:
  SilentResolver() : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    name = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~SilentResolver() { ::close(socket_); }
  /// `label`: of the name that is asked for, as it stands in the question.
  void wait_for_question(std::string_view label) const {
    char message[512];
    for (ssize_t size = 0; size >= 0 && std::string_view(message, static_cast<std::size_t>(size)).find(label) == std::string_view::npos;) size = ::recv(socket_, message, sizeof message, 0);
  }
  std::string name;

 private:
  int socket_;
};

std::string bounce(const std::string& words) {
  return "From MAILER-DAEMON Sat Nov 28 12:00:00 2026\nFrom: MAILER-DAEMON@example.org\nSubject: Undelivered Mail Returned to Sender\n\n<joe@example.com>: host mx.example.com[192.0.2.1] said: " + words +
         " (in reply to RCPT TO command)\n\n";
}

std::size_t lines_of(const std::string& file) {
  const std::string text = content_of(file);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

/// A pipe that never ends stands for a long run.
TEST(BounceTool, KeepsWhatIsDoneAtCtrlC) {
  const Folder folder;
  const std::string pipe = folder.file("pipe"), out = folder.file("out");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const Running tool({"--offline", "-q", "--format", "ndjson", "-o", out, pipe});
  {
    std::ofstream writer(pipe, std::ios::binary);
    for (int i = 0; i < 500; ++i) writer << bounce("550 5.1.1 User unknown");
    writer << std::flush;
    while (lines_of(out) < 10) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    tool.ask_to_end();
  }
  EXPECT_EQ(tool.status(), 2);
  EXPECT_GE(lines_of(out), 10u);
  EXPECT_THAT(content_of(out), testing::EndsWith("}\n"));
}

/// The second waits for DNS for ever, as does the fourth; the third was explained between them.
TEST(BounceTool, KeepsWhatIsDoneWhileOthersWait) {
  const Folder folder;
  const SilentResolver resolver;
  const std::string box = folder.file("box"), out = folder.file("out");
  std::ofstream(box, std::ios::binary) << bounce("550 5.1.1 User unknown") << bounce("550 5.7.25 The IP address sending this message [192.0.2.9] does not have a PTR record setup") << bounce("552 5.2.2 Mailbox full")
                                        << bounce("550 5.7.25 The IP address sending this message [192.0.2.10] does not have a PTR record setup");
  const Running tool({"-q", "--format", "ndjson", "--resolver", resolver.name, "--timeout", "60", "-o", out, box});
  resolver.wait_for_question("\2" "10" "\1" "2" "\1" "0" "\3" "192");
  tool.ask_to_end();
  EXPECT_EQ(tool.status(), 2);
  const std::string made = content_of(out);
  EXPECT_EQ(lines_of(out), 2u) << made;
  EXPECT_THAT(made, HasSubstr("User unknown"));
  EXPECT_THAT(made, HasSubstr("Mailbox full"));
}
