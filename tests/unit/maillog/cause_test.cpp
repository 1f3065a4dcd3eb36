// Equal causes get equal texts, and a class.
#include <gtest/gtest.h>

#include "checks/log/bins.hpp"
#include "checks/log/cause.hpp"

namespace mailmedic::log {
namespace {

TEST(LogCause, WhatDiffersFromCaseToCaseIsTakenOut) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"550 5.1.1 <joe@example.org>: Recipient address rejected: User unknown", "550 5.1.1 <address>: Recipient address rejected: User unknown"},
      {"450 4.2.0 <user@grey.test>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/grey.test.html", "450 4.2.0 <address>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/..."},
      {"554 5.7.1 Service unavailable; Client host [127.0.66.2] blocked using zen.spamhaus.org; listed", "554 5.7.1 Service unavailable; Client host <ip> blocked using zen.spamhaus.org; listed"},
      {"connect to mx.example.org[192.0.2.1]:25: Connection refused", "connect to <host>: Connection refused"},
      {"connect to mx.example.org[2001:db8::1]:25: Connection refused", "connect to <host>: Connection refused"},
      {"Host or domain name not found. Name service error for name=bogus.test type=MX: Host not found", "Host or domain name not found. Name service error for name=<host> type=MX: Host not found"},
      {"421-4.7.0 [192.0.2.9      15] Our system has detected an unusual rate of 421-4.7.0 mail 98e67ed59e1d1-3-gsmtp", "421 4.7.0 [<ip> #] Our system has detected an unusual rate of 4.7.0 mail <id>"},
      {"452 4.3.1 Out of memory after 1234 bytes", "452 4.3.1 Out of memory after # bytes"},
      {"", ""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(normalised(text), expected);
  EXPECT_LE(normalised(std::string(100'000, 'x')).size(), 600u);
}

TEST(LogCause, ClassesComeFromWordsBeforeCodes) {
  using maillog::Kind;
  const std::tuple<std::string_view, std::string_view, std::string_view> cases[] = {
      {"5.1.1", "550 5.1.1 no mailbox of that name", "recipient"},
      {"5.7.1", "554 5.7.1 Client host blocked using zen.spamhaus.org", "reputation"},
      {"4.2.0", "450 4.2.0 Greylisted", "greylist"},
      {"5.2.2", "552 5.2.2 no room left", "mailbox-full"},
      {"5.0.0", "552 5.2.2 no room left", "mailbox-full"},
      {"5.7.26", "550 5.7.26 this mail is not wanted", "authentication"},
      {"4.4.1", "connect to x: Connection timed out", "network"},
      {"5.4.4", "Host or domain name not found. Name service error for name=x type=A: Host not found", "domain"},
      {"5.3.4", "message exceeds", "size"},
      {"4.7.5", "Server certificate not trusted", "tls"},
      {"5.2.1", "550 5.2.1 mailbox closed", "disabled"},
      {"4.2.1", "450 4.2.1 mailbox busy", "system"},
      {"5.0.0", "550 Unrouteable address", "recipient"},
      {"", "Unrouteable address", "domain"},
      {"4.7.0", "421 4.7.0 our system has detected an unusual rate of mail", "rate"},
      {"", "550 no", "unmatched"},
      {"5.9.9", "550 5.9.9 no", "unmatched"},
  };
  for (const auto& [status, text, expected] : cases) EXPECT_EQ(class_of({Kind::bounced, status, text}), expected) << text;
}

TEST(LogBins, StayFewHoweverLongTheTime) {
  Bins bins;
  std::uint64_t all = 0;
  for (maillog::Seconds hour = 0; hour < 20'000; ++hour) bins.add(hour * 3600, 1), ++all;
  for (maillog::Seconds year = 100; year > -100; --year) bins.add(year * 365 * 86'400, 1), ++all;
  EXPECT_LE(bins.all().size(), 800u);
  std::uint64_t sum = 0;
  for (const auto& [from, count] : bins.all()) sum += count;
  EXPECT_EQ(sum, all);
  EXPECT_TRUE(std::is_sorted(bins.all().begin(), bins.all().end()));
  Bins other;
  other.add(5000, 2);
  other.add(bins);
  EXPECT_EQ(other.width(), bins.width());
}

}  // namespace
}  // namespace mailmedic::log
