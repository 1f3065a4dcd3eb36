// Whom listen answers, and what its register keeps.
#include <gmock/gmock.h>

#include "tests/support/tool.hpp"
#include "tools/listen/answer.hpp"
#include "tools/listen/mailbox.hpp"
#include "tools/listen/register.hpp"

using namespace mailmedic;
using testing::HasSubstr;

namespace {

reception::Delivered delivered(const std::string& fields, const std::string& sender = "joe@example.net") {
  reception::Delivered out;
  out.arrival.sender = sender;
  out.arrival.recipients = {"report-abc@example.org"};
  out.arrival.content.bytes = "From: joe@example.net\r\nSubject: hello\r\nMessage-ID: <1@example.net>\r\n" + fields + "\r\ntext\r\n";
  return out;
}

Facts passing(const char* check) { return {{check, boost::json::object{{"result", "pass"}}}}; }

}  // namespace

TEST(Answer, GoesOnlyToAPersonWhoseAddressIsProved) {
  EXPECT_EQ(cli::reason_for_silence(delivered(""), passing("spf")), "");
  EXPECT_EQ(cli::reason_for_silence(delivered("Auto-Submitted: no\r\n"), passing("dmarc")), "");
  EXPECT_THAT(cli::reason_for_silence(delivered(""), {}), HasSubstr("not proved"));
  EXPECT_THAT(cli::reason_for_silence(delivered(""), {{"spf", boost::json::object{{"result", "softfail"}}}}), HasSubstr("not proved"));
  for (const char* fields : {"Auto-Submitted: auto-replied\r\n", "List-Id: <a.example>\r\n", "Precedence: Bulk\r\n"}) EXPECT_NE(cli::reason_for_silence(delivered(fields), passing("spf")), "") << fields;
  for (const char* sender : {"", "MAILER-DAEMON@example.net", "owner-list@example.net", "list-request@example.net"}) EXPECT_NE(cli::reason_for_silence(delivered("", sender), passing("spf")), "") << sender;
}

TEST(Answer, IsMarkedAsAMachinesAndBelongsToTheMessage) {
  const auto answer = cli::answer_to(delivered(""), "abc/1", "all is well\n");
  ASSERT_TRUE(answer);
  for (const char* part : {"From: mailmedic <report-abc@example.org>\r\n", "To: joe@example.net\r\n", "Subject: Report: hello\r\n", "Auto-Submitted: auto-replied\r\n", "In-Reply-To: <1@example.net>\r\n", "Message-ID: <report.abc.1@example.org>\r\n", "all is well"})
    EXPECT_THAT(*answer, HasSubstr(part));
  reception::Delivered nobody = delivered("");
  nobody.arrival.recipients = {"postmaster"};
  EXPECT_FALSE(cli::answer_to(nobody, "1", "x"));
}

TEST(Register, KeepsTokensUntilTheirDayAndReports) {
  const test::Folder folder;
  const auto now = std::chrono::system_clock::now();
  std::string token;
  {
    auto known = cli::Register::open(folder.file("r.db")).value();
    token = known.add_token(now + std::chrono::hours(1)).value();
    EXPECT_EQ(known.add_report({token + "/1", token, "a'; DROP TABLE token; --", "192.0.2.1", "ok", now}), "");
    EXPECT_NE(known.add_report({token + "/1", token, "", "", "", now}), "") << "the same report twice";
  }
  auto again = cli::Register::open(folder.file("r.db")).value();
  EXPECT_EQ(again.is_good(token, now), true);
  EXPECT_EQ(again.is_good(token, now + std::chrono::hours(2)), false);
  EXPECT_EQ(again.is_good("other", now), false);
  ASSERT_EQ(again.reports(token, 10).size(), 1u);
  EXPECT_EQ(again.reports("", 10).at(0).sender, "a'; DROP TABLE token; --");
  EXPECT_TRUE(again.reports("other", 10).empty());

  const auto mailbox = cli::Mailbox::open(folder.file("mail"), {}, &again).value();
  EXPECT_EQ(mailbox.accepts("Report-" + token + "@any.example"), true);
  for (const char* other : {"joe@any.example", "report-@any.example", "report-../up@any.example"}) EXPECT_EQ(mailbox.accepts(other), false) << other;
}

/// Then mail is put off, not refused.
TEST(Register, DamageLeavesItOpenWhetherAnAddressIsGood) {
  const test::Folder folder;
  auto known = cli::Register::open(folder.file("r.db")).value();
  const std::string token = known.add_token(std::chrono::system_clock::now() + std::chrono::hours(1)).value();
  const auto mailbox = cli::Mailbox::open(folder.file("mail"), {}, &known).value();
  std::ofstream(folder.file("r.db"), std::ios::binary) << std::string(100'000, 'x');
  EXPECT_EQ(known.is_good(token, std::chrono::system_clock::now()), std::nullopt);
  EXPECT_EQ(mailbox.accepts("report-" + token + "@any.example"), std::nullopt);
  EXPECT_EQ(mailbox.accepts("joe@any.example"), false);
  reception::Delivered message = delivered("");
  message.arrival.recipients = {"report-" + token + "@any.example"};
  EXPECT_THAT(mailbox.keep(message).trouble, HasSubstr("cannot be looked up"));
}

TEST(Register, AFileThatIsNoDatabaseIsNamed) {
  const test::Folder folder;
  std::ofstream(folder.file("text")) << std::string(5000, 'x');
  EXPECT_THAT(cli::Register::open(folder.file("text")).error().why, HasSubstr(folder.file("text") + ": "));
}
