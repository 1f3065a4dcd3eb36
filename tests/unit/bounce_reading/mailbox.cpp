// Messages out of files of every kind, and what tries to break the reading of them.
#include "lib/message/mailbox.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "lib/message/delivery_report.hpp"
#include "messages.hpp"

using namespace mailmedic;
using message::read_delivery_report;
using message::ReportKind;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

namespace fs = std::filesystem;

/// "name=message" of each, and problems as "name! why".
std::vector<std::string> all_of(std::istream& input, std::size_t most_bytes = message::max_report_bytes) {
  std::vector<std::string> out;
  for (const auto& problem : message::read_stream(
           input, "f", [&](const std::string&name, std::string_view text) { out.push_back(name + "=" + std::string(text)); },
           most_bytes))
    out.push_back(problem.name + "! " + problem.why);
  return out;
}

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("bounce_reading_" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  /// Names below the folder, in the order in which they were read.
  std::vector<std::string> names(const std::string& below = "") const {
    std::vector<std::string> out;
    const auto problems = message::read_mailbox((path_ / below).string(), [&](const std::string& name, std::string_view) {
      out.push_back(name.substr(path_.string().size() + 1));
    });
    EXPECT_TRUE(problems.empty());
    return out;
  }

 private:
  fs::path path_;
};

}  // namespace

TEST(Mailbox, OneMessage) {
  std::istringstream one("Subject: x\n\nFrom here on\n"), empty("");
  EXPECT_THAT(all_of(one), ElementsAre("f=Subject: x\n\nFrom here on\n"));
  EXPECT_THAT(all_of(empty), ElementsAre("f! empty"));
}

TEST(Mailbox, Mbox) {
  std::istringstream input(
      "From ann@example.com Thu Jan  1 00:00:00 2026\nSubject: 1\n\nbody\n>From a friend\n>>From x\nFrom the middle 10:00:00 of "
      "a paragraph\n\nFrom today on\n\n"
      "From MAILER-DAEMON Thu Jan  1 00:00:01 2026 +0100\r\nSubject: 2\r\n\r\nend");
  EXPECT_THAT(
      all_of(input),
      ElementsAre("f:1=Subject: 1\n\nbody\nFrom a friend\n>From x\nFrom the middle 10:00:00 of a paragraph\n\nFrom today on\n\n",
                  "f:2=Subject: 2\r\n\r\nend"));
  EXPECT_TRUE(message::is_envelope_line("From ann@example.com  Thu Jan  1 00:00 2026"));
  EXPECT_FALSE(message::is_envelope_line("From now on it is better"));
}

TEST(Mailbox, SkipsAndNamesWhatIsTooLarge) {
  std::istringstream input("From a Thu Jan  1 00:00:00 2026\nSubject: 1\n\n" + std::string(5'000'000, 'x') +
                           "\n\nFrom b Thu Jan  1 00:00:00 2026\nSubject: 2\n\n");
  EXPECT_THAT(all_of(input, 1024 * 1024), ElementsAre("f:2=Subject: 2\n\n", "f:1! larger than 1 MiB: skipped"));
}

TEST(Mailbox, FoldersAndMaildirs) {
  const Folder folder;
  folder.write("b.eml", "Subject: b\n\n");
  folder.write("a/z.eml", "Subject: z\n\n");
  folder.write(".hidden", "x");
  folder.write("mail/cur/2:2,S", "Subject: 2\n\n");
  folder.write("mail/new/1", "Subject: 1\n\n");
  folder.write("mail/tmp/0", "half");
  folder.write("mail/.Sent/cur/3", "Subject: 3\n\n");
  folder.write("mail/.Sent/new/.keep", "");
  folder.write("mail/dovecot-uidlist", "3 V1");
  fs::create_directory_symlink(folder / "", folder / "a/loop");
  EXPECT_THAT(folder.names(), ElementsAre("a/z.eml", "b.eml", "mail/.Sent/cur/3", "mail/cur/2:2,S", "mail/new/1"));
  EXPECT_THAT(folder.names("mail"), ElementsAre("mail/.Sent/cur/3", "mail/cur/2:2,S", "mail/new/1"));
  EXPECT_THAT(folder.names("b.eml"), ElementsAre("b.eml"));
  const auto missing = message::read_mailbox(folder / "missing", [](const std::string&, std::string_view) { FAIL(); });
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_THAT(missing[0].why, HasSubstr("No such file"));
}

TEST(HostileBounces, EndInTime) {
  const auto begin = std::chrono::steady_clock::now();
  const std::string daemon = "From: MAILER-DAEMON@a.example\nSubject: Undelivered\n";
  std::string nested, forwards;
  for (int i = 0; i < 1000; ++i) {
    nested += "Content-Type: multipart/report; boundary=b" + std::to_string(i) + "\n\n--b" + std::to_string(i) + "\n";
    forwards += "Content-Type: multipart/mixed; boundary=c" + std::to_string(i) + "\n\n--c" + std::to_string(i) +
                "\nContent-Type: message/rfc822\n\n";
  }
  const std::string zeros(3'000'000, '\0'), line(20'000'000, 'a'), ats(1'000'000, '@'), opens(1'000'000, '<'), codes = [] {
    std::string out;
    while (out.size() < 1'000'000) out += "550 5.1.1 <";
    return out;
  }();
  for (const std::string& hostile :
       {nested, forwards, daemon + nested, zeros, daemon + "\n" + zeros, line, daemon + "\n" + line, daemon + "X: " + line,
        daemon + "\n" + ats, daemon + "\n" + opens, daemon + "\n" + codes, codes, std::string("From: a"),
        std::string("Content-Type: multipart/report; boundary=\n\n--\n"), daemon + "Content-Type: text/html\n\n" + opens,
        daemon + "Content-Type: message/delivery-status\n\n" + codes, "{\"notificationType\":" + std::string(1'000'000, '['),
        daemon + "Subject: =?" + ats}) {
    const auto report = read_delivery_report(hostile);
    EXPECT_LE(report.recipients.size(), message::max_report_recipients);
    for (const auto& one : report.recipients) EXPECT_LE(one.diagnostic.size(), 2000u);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(100));
}

// Each text of a message has memory of its own: what is returned ends with the text in which it begins.
TEST(HostileBounces, MarksInOneOfSeveralTexts) {
  const std::string part = "--b\nContent-Type: text/plain; charset=utf-8\n\n";
  for (const std::string mark : {"--- Original message follows.", "-------- Forwarded message", "Return-Path: <x@example.org>"}) {
    const std::string text = "Subject: x\nFrom: MAILER-DAEMON@a.example\nContent-Type: multipart/mixed; boundary=b\n\n" + part + "Ann <ann@example.com>\n" + mark +
                             "\n\nSubject: first\n\n" + part + "second text\n" + part + "third text\n" + mark + "\n--b--\n";
    EXPECT_EQ(read_delivery_report(text).returned.find("second"), std::string::npos);
    EXPECT_LE(read_delivery_report("X: y\n" + text).returned.size(), text.size());
  }
}

TEST(HostileBounces, ManyRecipientsAreBounded) {
  std::string fields = "Reporting-MTA: dns; a\n\n",
              words = "From: MAILER-DAEMON@a.example\n\nThis is the mail system at host a.\n\n";
  for (int i = 0; i < 12'000; ++i) {
    const std::string address = "u" + std::to_string(i) + "@example.com";
    fields += "Final-Recipient: rfc822;" + address + "\nAction: failed\nStatus: 5.1.1\n\n";
    words += "<" + address + ">: 550 5.1.1 no\n\n";
  }
  const auto report = read_delivery_report(
      "From: MAILER-DAEMON@a.example\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: "
      "message/delivery-status\n\n" +
      fields + "--b--\n");
  EXPECT_EQ(report.recipients.size(), message::max_report_recipients);
  EXPECT_EQ(report.recipients.back().recipient, "u9999@example.com");
  EXPECT_GT(read_delivery_report(words).recipients.size(), 1000u);
}

TEST(HostileBounces, CutAnywhere) {
  const std::string whole = test::bytes_of(MAILMEDIC_SOURCE_DIR "/tests/vectors/bounces/lab/exim/multi.eml");
  std::size_t bounces = 0;
  for (std::size_t length = 0; length < whole.size(); length += 7)
    if (read_delivery_report(std::string_view(whole).substr(0, length)).kind == ReportKind::bounce) ++bounces;
  EXPECT_GT(bounces, 100u);
}

TEST(Mailbox, StreamGivesEnvelopesAndNamesWhatIsTooLarge) {
  std::istringstream input("From ann@example.com Thu Jan  1 00:00:00 2026\r\nSubject: 1\r\n\r\nbody\r\n\r\nFrom bob Thu Jan  1 00:00:01 2026\n" + std::string(2 * 1024 * 1024, 'x') +
                           "\n\nFrom eve Thu Jan  1 00:00:02 2026\nSubject: 3\n");
  message::MessageStream stream(input, "f", 1024 * 1024);
  const auto first = stream.next(), second = stream.next(), third = stream.next();
  ASSERT_TRUE(first && second && third);
  EXPECT_EQ(first->envelope, "From ann@example.com Thu Jan  1 00:00:00 2026\r\n");
  EXPECT_EQ(first->text, "Subject: 1\r\n\r\nbody\r\n\r\n");
  EXPECT_EQ(second->name, "f:2");
  EXPECT_THAT(second->why, HasSubstr("larger than 1 MiB"));
  EXPECT_EQ(second->text, "");
  EXPECT_EQ(third->envelope, "From eve Thu Jan  1 00:00:02 2026\n");
  EXPECT_FALSE(stream.next());
  EXPECT_FALSE(stream.next());
}
