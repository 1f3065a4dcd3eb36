// Whole logs, counted. The numbers of the lab's logs were counted with grep and with pflogsumm.
#include <gmock/gmock.h>

#include "checks/log/digest.hpp"
#include "checks/log/gather.hpp"
#include "tests/support/tool.hpp"

namespace mailmedic::log {
namespace {

using maillog::Kind;
using test::Folder;

const std::string lab = MAILMEDIC_SOURCE_DIR "/tests/vectors/logs/lab/";

Gathered gathered(const std::vector<std::string>& files, Wanted wanted = {}) {
  Gatherer gatherer(wanted);
  gatherer.read(files);
  return gatherer.result();
}

std::string file_with(const Folder& folder, const std::string& name, std::string_view text) {
  std::ofstream(folder.file(name), std::ios::binary) << text;
  return folder.file(name);
}

struct Expected {
  std::string file;
  std::uint64_t accepted, delivered, deferred_messages, deferrals, bounced, rejected;
};
void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.file; }

class LabLog : public ::testing::TestWithParam<Expected> {};

TEST_P(LabLog, HasTheTotalsThatWereCountedOtherwise) {
  const Expected& expected = GetParam();
  const Gathered all = gathered({lab + expected.file});
  EXPECT_EQ(all.tally.totals[Kind::accepted], expected.accepted);
  EXPECT_EQ(all.tally.totals[Kind::delivered], expected.delivered);
  EXPECT_EQ(all.deferred_messages, expected.deferred_messages);
  EXPECT_EQ(all.tally.totals[Kind::deferred], expected.deferrals);
  EXPECT_EQ(all.tally.totals[Kind::bounced], expected.bounced);
  EXPECT_EQ(all.tally.totals[Kind::rejected], expected.rejected);
  EXPECT_EQ(all.lines.undated + all.lines.binary + all.lines.too_long, 0u);
}

INSTANTIATE_TEST_SUITE_P(Files, LabLog,
                         ::testing::Values(Expected{"postfix-sender.log", 109, 142, 34, 158, 48, 0}, Expected{"postfix-receiver.log", 396, 398, 0, 0, 0, 41},
                                           Expected{"postfix-sender-iso.log", 51, 17, 19, 19, 12, 0}, Expected{"postfix-deferred.log", 14, 0, 14, 70, 0, 0},
                                           Expected{"postfix-bounced.log", 34, 0, 0, 0, 34, 0}, Expected{"postfix-delivered.log", 12, 47, 0, 0, 0, 0}, Expected{"postfix-reject.log", 0, 0, 0, 0, 0, 41}),
                         [](const auto& row) {
                           std::string name = row.param.file;
                           std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
                           return name;
                         });

/// pflogsumm's "Grand Totals" of the same files, where it is installed.
TEST(LogTotals, AreThoseOfPflogsumm) {
  const test::Ran there = test::run_program({"pflogsumm", "--version"});
  if (there.status != 0) GTEST_SKIP() << "pflogsumm is not installed: it is among the [test] packages of cmake/packages";
  for (const std::string file : {"postfix-sender.log", "postfix-receiver.log", "postfix-sender-iso.log", "postfix-deferred.log"}) {
    const test::Ran ran = test::run_program({"pflogsumm", "--syslog-name=postfix-in", lab + file});
    ASSERT_EQ(ran.status, 0) << ran.told();
    std::istringstream lines(ran.out);
    std::map<std::string, std::uint64_t> totals;
    for (std::string line; std::getline(lines, line) && line.find("bytes received") == line.npos;) {
      std::istringstream words(line);
      std::uint64_t count = 0;
      std::string name;
      if (words >> count >> name) totals[name] = count;
    }
    const Gathered all = gathered({lab + file});
    EXPECT_EQ(all.tally.totals[Kind::accepted], totals.at("received")) << file;
    EXPECT_EQ(all.tally.totals[Kind::delivered], totals.at("delivered")) << file;
    EXPECT_EQ(all.deferred_messages, totals.at("deferred")) << file;
    EXPECT_EQ(all.tally.totals[Kind::bounced], totals.at("bounced")) << file;
    EXPECT_EQ(all.tally.totals[Kind::rejected], totals.at("rejected")) << file;
  }
}

std::size_t lines_with(const std::string& file, std::string_view part) {
  std::ifstream in(lab + file);
  std::size_t count = 0;
  for (std::string line; std::getline(in, line);) count += line.find(part) != line.npos;
  return count;
}

TEST(LogTotals, OfEximAreItsMarks) {
  const Gathered all = gathered({lab + "exim-mainlog.log"});
  EXPECT_EQ(all.tally.totals[Kind::accepted], lines_with("exim-mainlog.log", " <= "));
  EXPECT_EQ(all.tally.totals[Kind::delivered], lines_with("exim-mainlog.log", " => ") + lines_with("exim-mainlog.log", " -> "));
  EXPECT_EQ(all.tally.totals[Kind::bounced], lines_with("exim-mainlog.log", " ** "));
  EXPECT_EQ(all.tally.totals[Kind::deferred], lines_with("exim-mainlog.log", " == "));
  EXPECT_EQ(all.tally.totals[Kind::rejected], lines_with("exim-mainlog.log", " rejected RCPT "));
  EXPECT_EQ(all.lines.of_server[static_cast<std::size_t>(maillog::Server::exim)], all.lines.all);
  EXPECT_GT(all.tally.totals[Kind::bounced], 50u);
  EXPECT_GT(gathered({lab + "exim-syslog.log"}).tally.totals[Kind::bounced], 0u);
}

TEST(LogTotals, OfOpenSmtpdAreItsResults) {
  const Gathered all = gathered({lab + "opensmtpd.log"});
  EXPECT_EQ(all.tally.totals[Kind::delivered], lines_with("opensmtpd.log", "result=\"Ok\"") + lines_with("opensmtpd.log", "result=Ok"));
  EXPECT_EQ(all.tally.totals[Kind::deferred], lines_with("opensmtpd.log", "result=\"TempFail\""));
  EXPECT_EQ(all.tally.totals[Kind::bounced], lines_with("opensmtpd.log", "result=\"PermFail\""));
  EXPECT_EQ(all.tally.totals[Kind::accepted], lines_with("opensmtpd.log", " smtp message "));
  EXPECT_GT(all.tally.totals[Kind::rejected], 0u);
}

/// The same facts, however the log is cut into blocks and over threads.
TEST(LogGather, BlocksAndThreadsChangeNothing) {
  const auto facts = [](unsigned threads, std::size_t block_bytes) {
    boost::json::object out = facts_of(gathered({lab + "postfix-sender.log", lab + "postfix-receiver.log", lab + "exim-mainlog.log", lab + "opensmtpd.log"}, {.threads = threads, .block_bytes = block_bytes}), 100);
    return boost::json::serialize(out);
  };
  const std::string whole = facts(1, 4 * 1024 * 1024);
  EXPECT_THAT(whole, ::testing::HasSubstr("@good.test"));
  EXPECT_EQ(facts(1, 10'000), whole);  // the longest line has 5,000 bytes
  EXPECT_EQ(facts(4, 10'000), whole);
  EXPECT_EQ(facts(3, 50'000), whole);
}

constexpr std::string_view story =
    "2026-11-23T08:00:00Z mx postfix/smtpd[1]: AAAAA1: client=c.test[192.0.2.1]\n"
    "2026-11-23T08:00:00Z mx postfix/qmgr[1]: AAAAA1: from=<Joe@Example.ORG>, size=695, nrcpt=2 (queue active)\n"
    "2026-11-23T08:00:01Z mx postfix/smtp[1]: AAAAA1: to=<a@B.test>, relay=mx.b.test[192.0.2.2]:25, delay=1, delays=1/0/0/0, dsn=5.1.1, status=bounced (host mx.b.test[192.0.2.2] said: 550 5.1.1 <a@B.test>: user unknown (in reply to RCPT TO command))\n"
    "2026-11-23T09:00:01Z mx postfix/smtp[1]: AAAAA1: to=<c@d.test>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (connect to mx.d.test[192.0.2.3]:25: Connection refused)\n"
    "2026-11-23T10:00:01Z mx postfix/smtp[1]: AAAAA1: to=<c@d.test>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (connect to mx2.d.test[192.0.2.4]:25: Connection refused)\n"
    "2026-11-23T11:00:01Z mx postfix/smtp[1]: AAAAA1: to=<c@d.test>, relay=mx.d.test[192.0.2.3]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n"
    "2026-11-23T11:00:01Z mx postfix/qmgr[1]: AAAAA1: removed\n";

TEST(LogGather, JoinsAMessageOverItsQueueId) {
  const Folder folder;
  const std::string file = file_with(folder, "mail.log", story);
  for (const std::size_t block_bytes : {300u, 4'000'000u}) {
    const Gathered all = gathered({file}, {.threads = 1, .block_bytes = block_bytes});
    EXPECT_EQ(all.deferred_messages, 1u);
    EXPECT_EQ(all.tally.totals[Kind::deferred], 2u);
    const auto senders = largest_rows(all.senders, 10);
    ASSERT_EQ(senders.size(), 1u) << block_bytes;
    EXPECT_EQ(senders[0].name, "Joe@example.org");
    EXPECT_EQ((*senders[0].counts)[Kind::delivered], 1u);
    EXPECT_EQ((*senders[0].counts)[Kind::deferred], 2u);
    const auto groups = largest_groups(all.tally);
    ASSERT_EQ(groups.size(), 2u) << "both refused connections are one cause";
    EXPECT_EQ(groups[0]->text, "connect to <host>: Connection refused");
    EXPECT_EQ(groups[0]->sample, "connect to mx.d.test[192.0.2.3]:25: Connection refused");
    EXPECT_EQ(groups[0]->count, 2u);
    EXPECT_EQ(groups[0]->last - groups[0]->first, 3600);
    EXPECT_EQ(groups[0]->senders.at("Joe@example.org"), 2u);
    EXPECT_EQ(groups[0]->receivers.at("d.test"), 2u);
    EXPECT_EQ(groups[1]->text, "550 5.1.1 <address>: user unknown");
    EXPECT_EQ(groups[1]->cause_class, "recipient");
  }
}

TEST(LogGather, SinceAndUntilLeaveTheRestOut) {
  const Folder folder;
  const std::string file = file_with(folder, "mail.log", story);
  constexpr maillog::Seconds eight = 1795420800;  // 2026-11-23T08:00:00Z
  const Gathered all = gathered({file}, {.since = eight + 3600, .until = eight + 2 * 3600});
  EXPECT_EQ(all.tally.totals[Kind::deferred], 1u);
  EXPECT_EQ(all.tally.totals[Kind::bounced] + all.tally.totals[Kind::delivered] + all.tally.totals[Kind::accepted], 0u);
  EXPECT_EQ(all.tally.first, eight + 3601);
  EXPECT_EQ(all.tally.groups.at(0).senders.at("Joe@example.org"), 1u) << "the sender is known from before";
  EXPECT_EQ(all.lines.outside, 6u);
}

TEST(LogGather, AddressesThatAreGoneForGood) {
  const Folder folder;
  std::string text(story);
  text += "2026-11-23T12:00:01Z mx postfix/smtp[1]: AAAAA2: to=<full@b.test>, relay=x[192.0.2.2]:25, delay=1, dsn=5.2.2, status=bounced (host x[192.0.2.2] said: 552 5.2.2 over quota (in reply to RCPT TO command))\n";
  text += "2026-11-23T12:00:01Z mx postfix/smtp[1]: AAAAA3: to=<a@b.test>, relay=x[192.0.2.2]:25, delay=1, dsn=5.1.1, status=bounced (host x[192.0.2.2] said: 550 5.1.1 gone (in reply to RCPT TO command))\n";
  const Gathered all = gathered({file_with(folder, "mail.log", text)}, {.addresses = true});
  ASSERT_EQ(all.tally.hard.size(), 1u) << "a full mailbox is not gone";
  EXPECT_EQ(all.tally.hard.at("a@b.test").count, 2u);
  EXPECT_TRUE(gathered({file_with(folder, "mail.log", text)}).tally.hard.empty());
}

TEST(LogGather, HostileInputIsCountedAndTheRestIsUsed) {
  const Folder folder;
  std::string text = "5 postfix/smtp[1]: cut off in front\n" + std::string(story);
  text += std::string("\0\1\2\377binary\0", 11) + "\n\n" + std::string(200'000, 'y') + "\n";
  text += "2026-11-23T11:00:02Z mx sshd[1]: another program\n2026-11-23T11:00:03Z mx postfix/smtp[1]: AAAAA9: to=<c@d.test>, relay=none, delay=1, dsn=4.4.1, status=defe";
  const Gathered all = gathered({file_with(folder, "mail.log", text)}, {.threads = 1});
  EXPECT_EQ(all.tally.totals[Kind::deferred], 2u);
  EXPECT_EQ(all.tally.totals[Kind::delivered], 1u);
  EXPECT_EQ(all.lines.binary, 1u);
  EXPECT_EQ(all.lines.undated, 1u);
  EXPECT_EQ(all.lines.too_long, 1u);
  EXPECT_EQ(all.lines.other_programs, 1u);
}

TEST(LogGather, MoreLinesOfAGrowingLogAreJoined) {
  const Folder folder;
  const std::size_t half = story.find("2026-11-23T10");
  Gatherer gatherer({});
  gatherer.read({file_with(folder, "mail.log", story.substr(0, half))});
  EXPECT_EQ(gatherer.result().tally.totals[Kind::delivered], 0u);
  gatherer.read_more(story.substr(half));
  const Gathered all = gatherer.result();
  EXPECT_EQ(all.tally.totals[Kind::delivered], 1u);
  EXPECT_EQ(all.deferred_messages, 1u);
  EXPECT_EQ((*largest_rows(all.senders, 1).at(0).counts)[Kind::delivered], 1u);
}

TEST(LogGather, NamesBeyondAllMeasureAreCountedTogether) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 120'000; ++i)
    text += "2026-11-23T08:00:01Z mx postfix/smtp[1]: AAAAA1: to=<a@d" + std::to_string(i) + ".test>, relay=x, delay=1, dsn=2.0.0, status=sent (ok)\n";
  const Gathered all = gathered({file_with(folder, "mail.log", text)});
  EXPECT_EQ(all.tally.totals[Kind::delivered], 120'000u);
  EXPECT_LE(all.tally.receivers.size(), 100'000u);
  const auto rows = largest_rows(all.tally.receivers, 1);
  EXPECT_EQ(rows[0].name, "(others)");
  EXPECT_GE((*rows[0].counts)[Kind::delivered], 20'000u);
}

TEST(LogDigest, TrendsCompareTheLastThirdWithWhatWasBefore) {
  const Folder folder;
  const auto failing = [](int hour, int times, std::string_view reason) {
    std::string out;
    for (int i = 0; i < times; ++i)
      out += "2026-11-23T" + std::string(hour < 10 ? "0" : "") + std::to_string(hour) + ":00:01Z mx postfix/smtp[1]: AAAAA1: to=<a@b.test>, relay=x, delay=1, dsn=4.0.0, status=deferred (" + std::string(reason) + ")\n";
    return out;
  };
  std::string text;
  for (int hour = 0; hour < 9; ++hour) text += failing(hour, 5, "steady") + failing(hour, hour < 6 ? 2 : 9, "worse") + failing(hour, hour < 6 ? 9 : 1, "better");
  text += failing(8, 3, "seldom");
  const Gathered all = gathered({file_with(folder, "mail.log", text)});
  std::map<std::string, Trend> trends;
  for (const Group& group : all.tally.groups) trends[group.text] = trend_of(group, all.tally);
  EXPECT_EQ(trends.at("steady"), Trend::steady);
  EXPECT_EQ(trends.at("worse"), Trend::rising);
  EXPECT_EQ(trends.at("better"), Trend::falling);
  EXPECT_EQ(trends.at("seldom"), Trend::few);
  const Histogram histogram = histogram_of(all.tally, 48);
  ASSERT_EQ(histogram.bars.size(), 9u);
  EXPECT_EQ(histogram.bars[0].deferred, 16u);
  EXPECT_EQ(histogram.seconds, 3600);
  EXPECT_EQ(histogram_of(all.tally, 3).bars.size(), 2u) << "six hours a bar";
}

}  // namespace
}  // namespace mailmedic::log
