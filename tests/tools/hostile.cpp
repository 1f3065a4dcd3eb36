// Shapes of text that make a careless reader take time or memory by the square of their size: to every tool that reads messages.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>

#include "tests/support/tool.hpp"

using namespace mailmedic::test;

namespace {

constexpr std::size_t bytes = 2'000'000;

std::string repeated(std::string_view piece) {
  std::string out;
  while (out.size() < bytes) out += piece;
  return out;
}

/// With a number in it that grows.
std::string counted(const std::function<std::string(std::size_t)>& piece) {
  std::string out;
  for (std::size_t i = 0; out.size() < bytes; ++i) out += piece(i);
  return out;
}

std::string noise() {
  std::string out(bytes, '\0');
  std::uint32_t state = 1;
  for (char& c : out) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return out;
}

const std::string head = "From: MAILER-DAEMON@example.org\nReturn-Path: <>\nSubject: Undelivered mail\n";
std::string plain(const std::string& body, const std::string& fields = "") { return head + "Content-Type: text/plain; charset=utf-8\n" + fields + "\n" + body; }
std::string html(const std::string& body) { return head + "Content-Type: text/html\n\n" + body; }
std::string parts(const std::string& body) { return head + "Content-Type: multipart/report; boundary=b\n\n" + body; }

struct Shape {
  const char* name;
  std::string text;
};

std::vector<Shape> shapes() {
  const std::string quoted = "Content-Transfer-Encoding: quoted-printable\n", one = "--b\nContent-Type: message/delivery-status\n\n";
  return {
      {"noise", noise()},
      {"at signs", plain(repeated("a@"))},
      {"codes", plain(repeated("550-5.1.1 x\n"))},
      {"refusals", plain(repeated("<a@example.org>: host mx said: 550 no\n"))},
      {"recipients under a label", plain("The following recipient:\n" + counted([](std::size_t i) { return fmt::format("u{}@example.org\n", i); }))},
      {"transcript", plain("----- Transcript of session follows -----\n" + repeated("... while talking to x.\n>>> RCPT\n<<< 550 no\n"))},
      {"quotations", plain(repeated(">>>>\n"))},
      {"forwards", plain(repeated("-----Original Message-----\n"))},
      {"links", plain("<a@example.org>: 550 see " + repeated("http://a/ "))},
      {"addresses", plain("<a@example.org>: 550 " + repeated("1.2.3.4 "))},
      {"tickets", plain("<a@example.org>: 550 " + repeated("ticket id 12345678 "))},
      {"escapes", plain(repeated("\x1b$B"))},
      {"high bytes", plain(repeated("\xff"))},
      {"soft line ends", plain(repeated("="), quoted)},
      {"references", html(repeated("&#1;"))},
      {"angles", html(repeated("<"))},
      {"script", html("<script>" + repeated("</"))},
      {"comments", html(repeated("<!--"))},
      {"delimiters", parts(repeated("--b\n\n"))},
      {"half delimiters", parts(repeated("--b"))},
      {"nested", counted([](std::size_t i) { return fmt::format("Content-Type: multipart/mixed; boundary=b{0}\n\n--b{0}\n", i); })},
      {"messages in messages", parts(repeated("--b\nContent-Type: message/rfc822\n\n"))},
      {"statuses", parts(one + repeated("Final-Recipient: rfc822; a@b.cc\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no\n\n"))},
      {"folds", parts(one + "Final-Recipient: rfc822; a@b.cc\nDiagnostic-Code: smtp;\n" + repeated(" x\n"))},
      {"complaints", parts("--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n" + repeated("Original-Rcpt-To: a@b.cc\n"))},
      {"fields", head + repeated("X: y\n")},
      {"encoded words", "From: a@b.cc\nSubject: " + repeated("=?utf-8?q?a?= ") + "\n\nx"},
      {"half encoded words", "From: a@b.cc\nSubject: " + repeated("=?") + "\n\nx"},
      {"failed", "From: MAILER-DAEMON\nX-Failed-Recipients: " + repeated("a@b.cc,") + "\n\nx"},
      {"notification", plain("{\"notificationType\":\"Bounce\",\"bounce\":{\"bouncedRecipients\":[" + repeated("{\"emailAddress\":\"a@b.cc\"},") + "{}]}}")},
      {"deep JSON", plain("{\"notificationType\":" + repeated("["))},
      {"mailbox", repeated("From a@b Mon Jan  1 00:00:00 2026\nFrom: MAILER-DAEMON\n\nx\n\n")},
  };
}

class Hostile : public testing::TestWithParam<Words> {};

}  // namespace

/// A sanitizer's build needs some three times the memory; what goes wrong takes gigabytes.
TEST_P(Hostile, CostsLittle) {
  constexpr long most_memory_kib = 800 * 1024;
  const Folder folder;
  for (const Shape& shape : shapes()) {
    const std::string file = folder.file("message");
    std::ofstream(file, std::ios::binary) << shape.text;
    Words words = GetParam();
    words.push_back(file);
    const Ran run = run_tool(words);
    EXPECT_TRUE(run.status >= 0 && run.status <= 3) << shape.name << ": " << run.told().substr(0, 1000);
    EXPECT_LT(run.most_memory_kib, most_memory_kib) << shape.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Tools, Hostile, testing::Values(Words{"bounce", "--offline", "-q", "--format", "ndjson"}, Words{"lint", "-q"}, Words{"reports", "-q"}),
                         [](const auto& about) { return about.param.front(); });
