// A line of a log: its time in every form, its program, its message.
#include <gtest/gtest.h>
#include <time.h>

#include "lib/maillog/line.hpp"

namespace mailmedic::maillog {
namespace {

using namespace std::chrono_literals;

constexpr Seconds nov_23 = 1795472678;  // 2026-11-23T22:24:38Z
const auto newest = std::chrono::system_clock::from_time_t(nov_23 + 3600);

/// Times without a zone are read in this one while it lives.
class InZone {
 public:
  explicit InZone(const char* zone) { set(zone); }
  ~InZone() { set("UTC"); }

 private:
  static void set(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
};

Line read(std::string_view text) {
  static std::optional<LineReader> reader;  // what a line says stands in the reader or in the text
  static std::string kept;
  reader.emplace(newest);
  kept = text;
  Line line;
  EXPECT_TRUE(reader->read(kept, line)) << text;
  return line;
}

TEST(LogLine, TakesSyslogApart) {
  const InZone utc("UTC");
  const Line line = read("Nov 23 22:24:38 lab postfix/smtpd[20130]: connect from client.lab.test[127.0.66.1]");
  EXPECT_EQ(line.time, nov_23);
  EXPECT_EQ(line.program, "postfix/smtpd");
  EXPECT_EQ(line.message, "connect from client.lab.test[127.0.66.1]");
}

TEST(LogLine, ReadsEveryTimeOfTheSameMoment) {
  const InZone utc("UTC");
  for (const std::string_view time : {"Nov 23 22:24:38", "Nov 23 22:24:38.123456", "2026-11-23T22:24:38Z", "2026-11-23T22:24:38.732106+00:00", "2026-11-23T23:24:38+01:00",
                                      "2026-11-23T17:24:38-0500", "2026-11-23 22:24:38", "2026-11-23 22:24:38.643", "2026-11-23 23:24:38 +0100", "Mon 2026-11-23 22:24:38 UTC"}) {
    const Line line = read(std::string(time) + " lab postfix/qmgr[1]: 4378CA9C0ED: removed");
    EXPECT_EQ(line.time, nov_23) << time;
    EXPECT_EQ(line.program, "postfix/qmgr") << time;
    EXPECT_EQ(line.message, "4378CA9C0ED: removed") << time;
  }
}

TEST(LogLine, ReadsPrioritiesAndRfc5424) {
  const InZone utc("UTC");
  for (const std::string_view text : {"<22>1 2026-11-23T22:24:38.7Z lab postfix/qmgr 20123 - - 4378CA9C0ED: removed", "<22>1 2026-11-23T22:24:38Z lab postfix/qmgr 20123 - [a@1 b=\"c\"] \xef\xbb\xbf" "4378CA9C0ED: removed",
                                      "<22>Nov 23 22:24:38 lab postfix/qmgr[20123]: 4378CA9C0ED: removed", "Nov 23 22:24:38 <mail.info> lab postfix/qmgr[20123]: 4378CA9C0ED: removed",
                                      "Nov 23 22:24:38 lab postfix/qmgr[20123]: [ID 197553 mail.info] 4378CA9C0ED: removed"}) {
    const Line line = read(text);
    EXPECT_EQ(line.time, nov_23) << text;
    EXPECT_EQ(line.program, "postfix/qmgr") << text;
    EXPECT_EQ(line.message, "4378CA9C0ED: removed") << text;
  }
}

TEST(LogLine, ReadsJson) {
  const InZone utc("UTC");
  for (const std::string_view text : {R"({"__REALTIME_TIMESTAMP":"1795472678732106","SYSLOG_IDENTIFIER":"postfix/qmgr","_PID":"20123","MESSAGE":"4378CA9C0ED: removed"})",
                                      R"({"MESSAGE":[52,51,55,56,67,65,57,67,48,69,68,58,32,114,101,109,111,118,101,100],"__REALTIME_TIMESTAMP":"1795472678000000","SYSLOG_IDENTIFIER":"postfix/qmgr"})",
                                      R"({"timestamp":"2026-11-23T22:24:38+00:00","host":"lab","programname":"postfix/qmgr","msg":" 4378CA9C0ED: removed"})",
                                      R"({"time":"2026-11-23T22:24:38.1Z","stream":"stdout","log":"Nov 23 22:24:38 lab postfix/qmgr[7]: 4378CA9C0ED: removed\n"})",
                                      R"({"time":"2026-11-23T22:24:38.1Z","stream":"stdout","log":"postfix/qmgr[7]: 4378CA9C0ED: removed\n"})"}) {
    const Line line = read(text);
    EXPECT_EQ(line.time, nov_23) << text;
    EXPECT_EQ(line.program, "postfix/qmgr") << text;
    EXPECT_EQ(line.message, "4378CA9C0ED: removed") << text;
  }
}

TEST(LogLine, LinesOfEximsOwnFilesAreExims) {
  const InZone utc("UTC");
  const Line line = read("2026-11-23 22:24:38.643 [20364] 1xVcSl-0005IS-23 Completed");
  EXPECT_EQ(line.program, "exim");
  EXPECT_EQ(line.message, "[20364] 1xVcSl-0005IS-23 Completed");
  EXPECT_EQ(read("2026-11-23 22:24:38 H=a.test [127.0.26.2]:25: SMTP error from remote mail server after initial connection: 554 no").program, "exim");
}

TEST(LogLine, ATimeWithoutYearIsTheLastOneThatWas) {
  const InZone utc("UTC");
  // The log was last written on 2 January 2026: its December is that of 2025.
  StampReader january(std::chrono::system_clock::from_time_t(1767312000));
  EXPECT_EQ(january.read("Dec 31 23:59:59 x")->time, 1767225599);
  EXPECT_EQ(january.read("Jan  1 00:00:00 x")->time, 1767225600);
  EXPECT_EQ(january.read("Feb 29 12:00:00 x")->time, 1709208000) << "of the leap year 2024";
}

TEST(LogLine, TimesWithoutZoneAreOfThisMachine) {
  const InZone china("Asia/Shanghai");
  EXPECT_EQ(read("Nov 24 06:24:38 lab postfix/qmgr[1]: x").time, nov_23);
  EXPECT_EQ(read("2026-11-24 06:24:38 1xVcSl-0005IS-23 Completed").time, nov_23);
  EXPECT_EQ(read("2026-11-23T22:24:38Z lab postfix/qmgr[1]: x").time, nov_23);
}

TEST(LogLine, WhatHasNoTimeIsNoLine) {
  const InZone utc("UTC");
  LineReader reader(newest);
  Line line;
  for (const std::string_view text : {"", "x", "0-smtp[1]: cut off", "Nov 23 25:00:00 lab postfix/qmgr[1]: x", "Nov 32 22:24:38 lab x", "Nix 23 22:24:38 lab postfix/qmgr[1]: x", "2026-13-23T22:24:38Z lab x: y",
                                      "{\"message\":\"no time\"}", "{\"time\":\"2026-11-23T22:24:38Z\"}", "{cut off", "<22>1 yesterday lab x", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"})
    EXPECT_FALSE(reader.read(text, line)) << text;
}

}  // namespace
}  // namespace mailmedic::maillog
