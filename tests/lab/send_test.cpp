// mailmedic send through real servers, and the message as it was delivered.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

std::string password_file() {
  const std::string file = folder() + "/send-password";
  std::ofstream(file) << "secret\n";
  return file;
}

/// The delivered message that holds the words, waited for; empty where none came.
std::string delivered(const std::string& words) {
  for (int wait = 0; wait < 150; ++wait) {
    for (const auto& entry : fs::recursive_directory_iterator(folder() + "/mail", fs::directory_options::skip_permission_denied)) {
      if (!entry.is_regular_file()) continue;
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      if (text.str().find(words) != std::string::npos) return text.str();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return {};
}

Words sending(const std::string& server, const std::string& to, const std::string& subject, Words more = {}) {
  Words out = in_lab({"send", "--server", server, "--from", "Zoë <user@good.test>", "--to", to, "--subject", subject, "--text", "Grüße.\n.dot\n", "--html", "<p>Grüße</p>", "--attach",
                      MAILMEDIC_SOURCE_DIR "/README.md", "--key", "s2048:" + folder() + "/keys/rsa2048.key", "--json"});
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

TEST(Send, DeliversThroughRealServersAndTheSignatureHolds) {
  const struct {
    const char *server, *to;
    bool login;
  } ways[] = {{"submission://postfix.lab.test", "user@postfix.test", true}, {"smtps://postfix.lab.test", "user@postfix.test", true}, {"submission://exim.lab.test", "user@exim.test", true},
              {"smtps://exim.lab.test", "user@exim.test", true},            {"smtp://postfix.lab.test", "user@postfix.test", false}, {"smtp://exim.lab.test", "user@exim.test", false},
              {"smtp://opensmtpd.lab.test", "user@opensmtpd.test", false}};
  int number = 0;
  for (const auto& way : ways) {
    const std::string subject = "mailmedic-lab-send-" + std::to_string(++number);
    Words more;
    if (way.login) more = {"--auth", "--user", "user", "--password-file", password_file()};
    Ran run;
    const json::object report = report_of(sending(way.server, way.to, subject, more), &run);
    EXPECT_EQ(text_at(at(report, "facts.recipients.0"), "outcome"), "accepted") << way.server << '\n' << run.told();
    const std::string message = delivered(subject);
    ASSERT_NE(message, "") << way.server << '\n' << run.told();
    const std::string file = folder() + "/" + subject + ".eml";
    std::ofstream(file) << message;
    const json::object seen = report_of(in_lab({"message", file, "--json"}), &run);
    EXPECT_EQ(text_at(at(seen, "facts.signatures.0"), "result"), "pass") << way.server << '\n' << run.told();
  }
}

TEST(Send, TellsWhoWasRefusedAndWhoWasPutOff) {
  const json::object report = report_of(in_lab({"send", "--test", "--from", "user@good.test", "--to", "user@postfix.test", "--to", "nobody-here@postfix.test", "--server", "smtp://postfix.lab.test", "--json"}));
  EXPECT_EQ(text_at(at(report, "facts.recipients.0"), "outcome"), "accepted");
  EXPECT_EQ(text_at(at(report, "facts.recipients.1"), "outcome"), "refused");
  EXPECT_TRUE(ids_in(report, "findings").contains("delivery.refused"));
  const json::object grey = report_of(in_lab({"send", "--test", "--from", "user@good.test", "--to", "user@postfix.test", "--server", "smtp://grey.lab.test", "--json"}));
  EXPECT_EQ(text_at(at(grey, "facts.recipients.0"), "outcome"), "deferred");
}

TEST(Send, FindsTheWayByItself) {
  Ran run;
  const json::object report = report_of(in_lab({"send", "--test", "--from", "user@good.test", "--to", "user@postfix.test", "--to", "user@exim.test", "--to", "user@nxdomain-of-all.test", "--json"}), &run);
  EXPECT_EQ(at(report, "facts.recipients").as_array().size(), 3u) << run.told();
  EXPECT_EQ(text_at(at(report, "facts.recipients.0"), "outcome"), "accepted") << run.told();
  EXPECT_EQ(text_at(at(report, "facts.recipients.2"), "outcome"), "unknown");
}

}  // namespace
}  // namespace mailmedic::lab
