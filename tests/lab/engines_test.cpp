// SpamAssassin and rspamd themselves score a message. They are in the set "mail" of the lab's packages, which is optional.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

/// A harmless text, and an HTML part that says what every engine must take for spam (GTUBE).
std::string suspicious_letter(const test::Folder& folder) {
  const std::string file = folder.file("letter.eml");
  std::ofstream(file) << "From: Shop <shop@good.test>\r\nTo: user@good.test\r\nSubject: notes of the meeting\r\nDate: Sat, 28 Nov 2026 06:00:00 +0000\r\n"
                         "Message-ID: <1@good.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
                         "--b\r\nContent-Type: text/plain\r\n\r\nHello, here are the notes of the meeting.\r\n"
                         "--b\r\nContent-Type: text/html\r\n\r\n<p>XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X</p>\r\n--b--\r\n";
  return file;
}

/// The ids of the findings about the part that has `part` in its title.
std::set<std::string> ids_about(const json::object& report, const std::string& part) {
  std::set<std::string> out;
  for (const json::value& finding : report.at("findings").as_array())
    if (text_at(finding, "summary").find(part) != std::string::npos) out.insert(text_at(finding, "id"));
  return out;
}

bool is_unpacked(const char* program) { return std::filesystem::exists(program); }

}  // namespace

TEST(Engines, SpamAssassinScoresAndThePartThatCostsIsNamed) {
  if (!is_unpacked("/usr/sbin/spamd")) GTEST_SKIP() << "no engine: SpamAssassin is not unpacked, run tests/lab/lab install mail";
  const test::Folder folder;
  const json::object report = report_of(in_lab({"message", suspicious_letter(folder), "--ip", "127.0.66.1", "--spamd", "127.0.78.3", "--blame"}));
  EXPECT_THAT(ids_in(report, "findings"), Contains("spam.over-threshold")) << json::serialize(report);
  EXPECT_THAT(ids_about(report, "the part text/html"), Contains("spam.part"));
  EXPECT_THAT(ids_about(report, "the part text/plain"), ::testing::Not(Contains("spam.part")));
}

TEST(Engines, RspamdScores) {
  if (!is_unpacked("/usr/bin/rspamd")) GTEST_SKIP() << "no engine: rspamd is not unpacked, run tests/lab/lab install mail";
  const test::Folder folder;
  const json::object report = report_of(in_lab({"message", suspicious_letter(folder), "--ip", "127.0.66.1", "--rspamd", "127.0.11.1"}));
  EXPECT_THAT(ids_in(report, "findings"), Contains("spam.over-threshold")) << json::serialize(report);
  EXPECT_EQ(text_at(report, "facts.spam.rspamd.action"), "reject");
}

TEST(Unanswered, ASpamEngineThatIsNotThere) {
  const test::Folder folder;
  const json::object report = report_of(in_lab({"message", suspicious_letter(folder), "--ip", "127.0.66.1", "--spamd", "127.0.78.99", "--blame"}));
  EXPECT_THAT(ids_in(report, "unknowns"), Contains("spam.no-verdict"));
}

}  // namespace mailmedic::lab
