// mailmedic listen gets mail from a real Postfix.
#include <gmock/gmock.h>

#include <filesystem>
#include <thread>

#include "tests/support/browser.hpp"
#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

/// The only file with this ending below a folder; empty where there is none, or another besides.
std::string only_file(const std::string& in, const std::string& ending) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(in))
    if (entry.path().extension() == ending) found.push_back(entry.path());
  return found.size() == 1 ? found.front() : std::string();
}

struct Heard {
  Ran listening, sent;
  test::Folder mail;
  json::object report() const { return json::parse(test::content_of(only_file(mail.file(""), ".json"))).as_object(); }
};

/// listen takes one message that send hands to the sending Postfix, which finds the way by MX.
void hear(Heard& heard, const Words& listen, const Words& send) {
  Words listening{"listen", "--once", "--address", "127.0.25.6", "--port", "25", "--name", "listen.lab.test", "--directory", heard.mail.file(""), "--list", "ok.dnsbl.test", "--timeout", "3"};
  listening.insert(listening.end(), listen.begin(), listen.end());
  std::thread listener([&] { heard.listening = test::run_tool(in_lab(listening), std::chrono::seconds(90)); });
  std::this_thread::sleep_for(std::chrono::seconds(2));  // Postfix tries again only after minutes
  Words words{"send", "--from", "Joe <user@good.test>", "--to", "report@listen.test", "--subject", "a report, please", "--text", "Hello", "--server", "smtp://127.0.66.1"};
  words.insert(words.end(), send.begin(), send.end());
  heard.sent = test::run_tool(in_lab(words));
  listener.join();
}

}  // namespace

TEST(Listen, ReportsWhatPostfixDelivers) {
  Heard heard;
  hear(heard, {}, {"--key", "s2048:" + folder() + "/keys/rsa2048.key"});
  ASSERT_NE(only_file(heard.mail.file(""), ".json"), "") << heard.sent.told() << heard.listening.told();
  const json::object report = heard.report();
  EXPECT_EQ(text_at(report, "facts.spf.result"), "pass") << heard.listening.told();
  EXPECT_EQ(text_at(report, "facts.envelope.ip"), "127.0.66.1");
  EXPECT_EQ(text_at(report, "facts.signatures.0.result"), "pass");
  EXPECT_EQ(text_at(report, "facts.dmarc.result"), "pass");
  EXPECT_EQ(text_at(report, "facts.dmarc.aligned"), "true");
  EXPECT_THAT(text_at(report, "facts.reception.tls.protocol"), HasSubstr("TLSv1.3"));
  EXPECT_EQ(text_at(report, "facts.reverse_dns.addresses.0.confirmed"), "true");
  EXPECT_EQ(text_at(report, "facts.blocklist.lists.0.state"), "clean");
  EXPECT_EQ(text_at(report, "facts.lint.subject"), "a report, please");
  EXPECT_EQ(report.at("facts").at("blocklist").at("lists").as_array().size(), 1u) << "the list is about addresses: the client's name is none of its matters";
  for (const char* wrong : {"blocklist.dead", "authentication.dmarc-fail", "reverse_dns.missing", "blocklist.listed"}) EXPECT_THAT(ids_in(report, "findings"), Not(Contains(wrong)));

  if (!fs::exists(test::chromium)) return;
  const test::Folder profile;
  const std::string page = only_file(heard.mail.file(""), ".html");
  const Ran shown = test::browse(page, {"--dump-dom"}, profile.file("profile"));
  EXPECT_EQ(shown.status, 0) << shown.told();
  EXPECT_THAT(shown.out, HasSubstr("from &lt;user@good.test&gt; - mailmedic</title>"));
  EXPECT_THAT(shown.out, HasSubstr("</html>"));
  EXPECT_EQ(shown.err.find("CONSOLE"), std::string::npos) << shown.err;
  if (const char* artefacts = std::getenv("MAILMEDIC_ARTEFACTS")) {
    fs::create_directories(artefacts);
    test::browse(page, {"--screenshot=" + std::string(artefacts) + "/listen.png", "--window-size=1100,1600"}, profile.file("profile"));
  }
}

TEST(Listen, ASenderWithoutSignatureIsTold) {
  Heard heard;
  hear(heard, {}, {});
  ASSERT_NE(only_file(heard.mail.file(""), ".json"), "") << heard.sent.told() << heard.listening.told();
  EXPECT_THAT(ids_in(heard.report(), "findings"), Contains("signature.none"));
}

/// SPF proves user@good.test, so that the answer goes to its mailbox on Postfix.
TEST(Listen, AnswersAProvedSender) {
  Heard heard;
  hear(heard, {"--reply", "mx"}, {"--key", "s2048:" + folder() + "/keys/rsa2048.key"});
  EXPECT_THAT(heard.listening.err, HasSubstr("answer to <user@good.test>: accepted")) << heard.listening.told();
  bool arrived = false;
  for (int wait = 0; wait < 100 && !arrived; ++wait) {
    for (const auto& entry : fs::recursive_directory_iterator(folder() + "/mail", fs::directory_options::skip_permission_denied))
      arrived = arrived || (entry.is_regular_file() && test::content_of(entry.path()).find("Subject: Report: a report, please") != std::string::npos);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(arrived);
}

}  // namespace mailmedic::lab
