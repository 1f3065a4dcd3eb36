// The text for the form of a receiver or a list.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/bounce/reply_text.hpp"
#include "tools/bounce/bundle.hpp"

using namespace mailmedic;
using testing::HasSubstr;
using testing::Not;

namespace {

const bounce::Classifier& shipped() {
  static const bounce::Classifier classifier = bounce::Classifier::make(bounce::read_rules({MAILMEDIC_SOURCE_DIR "/checks/bounce/rules"}).value()).value();
  return classifier;
}

constexpr TimePoint now = TimePoint(std::chrono::seconds(1'795'000'000));  // 2026-11-18T11:06:40Z

struct Case {
  message::DeliveryReport delivery{.kind = message::ReportKind::bounce, .reporting_mta = "mail.example.org"};
  bounce::Context context{};
  std::vector<bounce::Rechecked> rechecked{};
  blocklist::List list{};
  std::string mended{};

  std::string text(bool chinese = false) {
    reports::Catalogue catalogue(MAILMEDIC_BINARY_DIR "/share/mailmedic/findings");
    delivery.recipients = {bounce::read_reply("554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using zen.spamhaus.org; https://check.spamhaus.org/query/ip/203.0.113.7; other@example.com too")};
    message::RecipientReport& one = delivery.recipients[0];
    one.recipient = "joe@gmail.com";
    one.remote_mta = "mx.google.com";
    one.last_attempt = "Wed, 18 Nov 2026 12:00:00 +0100";
    delivery.returned = "Message-ID: <abc@example.org>\nTo: joe@gmail.com, ann@example.net\nDate: Wed, 18 Nov 2026 11:59:00 +0100\nSubject: secret plans\n\nbody\n";
    context.sender = "news@example.org";
    context.author = dns::Name::parse("example.org").value();
    bounce::Verdict verdict = shipped().classify(one);
    verdict.tickets = {"JX-4711"};
    return cli::bundle_text({delivery, one, verdict, context, rechecked, mended, chinese ? &catalogue : nullptr}, now);
  }
};

}  // namespace

TEST(BounceBundle, HasWhatAFormAsksFor) {
  const std::string text = Case().text();
  for (const char* part : {"Refused: mail from 203.0.113.7 to gmail.com", "2026-11-18T11:00:00Z", "Envelope domain       example.org", "joe@gmail.com", "mx.google.com", "554 5.7.1",
                           "Your reference        JX-4711", "<abc@example.org>", "blocked using zen.spamhaus.org", "https://support.google.com/mail/contact/", "https://check.spamhaus.org/query/ip/203.0.113.7"})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST(BounceBundle, LeavesOutOthersAndTheLetter) {
  const std::string text = Case().text();
  for (const char* part : {"ann@example.net", "other@example.com", "secret plans", "body"}) EXPECT_THAT(text, Not(HasSubstr(part)));
  EXPECT_THAT(text, HasSubstr("(address left out) too"));
}

TEST(BounceBundle, SaysWhatWasMended) {
  Case given;
  EXPECT_THAT(given.text(), Not(HasSubstr("mended\n")));
  given.list.url = "https://removal.example/";
  given.rechecked.push_back({.claim = {.kind = bounce::ClaimKind::listed, .said = "203.0.113.7 is on zen.spamhaus.org", .list = &given.list}, .held = bounce::Held::gone, .found = "clean"});
  given.mended = "the cracked account is closed";
  const std::string text = given.text();
  for (const char* part : {"What we see now, at 2026-11-18T11:06:40Z", "What we have mended", "no longer so: 203.0.113.7 is on zen.spamhaus.org (clean)", "- the cracked account is closed", "https://removal.example/"})
    EXPECT_THAT(text, HasSubstr(part));
  for (const char* part : {"我方已做的整改", "203.0.113.7 被列入 zen.spamhaus.org：已不成立；clean", "贵方查询编号"}) EXPECT_THAT(given.text(true), HasSubstr(part));
}

TEST(BounceBundle, SecretsAreLeftOut) {
  const auto plain = [](std::string_view text) { return cli::for_strangers(text, {"joe@example.org"}); };
  EXPECT_EQ(plain("535 AUTH PLAIN AGpvZQBzZWNyZXQ= failed"), "535 AUTH PLAIN *** failed");
  EXPECT_EQ(plain("see https://example.net/?token=abc123&x=1"), "see https://example.net/?token=***&x=1");
  EXPECT_EQ(plain("blocked using abcdefghijklmnop.zen.dq.spamhaus.net"), "blocked using ***.zen.dq.spamhaus.net");
  EXPECT_EQ(plain("<joe@example.org>: to <ann@example.net>"), "<joe@example.org>: to <(address left out)>");
  EXPECT_EQ(plain(""), "");
}

// What came from the network cannot forge lines of the text.
TEST(BounceBundle, HostileWordsStayInTheirLine) {
  Case given;
  given.mended = "a\nWhere to send this\n  https://evil.example/";
  EXPECT_THAT(given.text(), Not(HasSubstr("\n  https://evil.example/")));
}
