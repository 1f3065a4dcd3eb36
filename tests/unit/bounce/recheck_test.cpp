// Claims out of texts, and what becomes of them when they are asked again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/bounce/judge.hpp"
#include "checks/bounce/reply_text.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;
using bounce::Held;
using testing::ElementsAre;

namespace {

const bounce::Classifier& shipped() {
  static const bounce::Classifier classifier = bounce::Classifier::make(bounce::read_rules({MAILMEDIC_SOURCE_DIR "/checks/bounce/rules"}).value()).value();
  return classifier;
}

constexpr std::string_view zone_text = R"(
2.0.0.127.zen.spamhaus.org.    A   127.0.0.2
7.113.0.203.zen.spamhaus.org.  A   127.0.0.2
7.113.0.203.zen.spamhaus.org.  TXT "https://www.spamhaus.org/query/ip/203.0.113.7"
2.0.0.127.bl.spamcop.net.      A   127.0.0.2
*.b.barracudacentral.org.      A   127.255.255.254
7.113.0.203.in-addr.arpa.      PTR mail.example.org.
mail.example.org.              A   203.0.113.7
8.113.0.203.in-addr.arpa.      PTR wrong.example.org.
wrong.example.org.             A   203.0.113.99
example.org.                   TXT "v=spf1 ip4:203.0.113.7 -all"
example.org.                   MX  10 mail.example.org.
_dmarc.example.org.            TXT "v=DMARC1; p=reject"
_dmarc.mild.example.           TXT "v=DMARC1; p=none"
null.example.                  MX  0 .
lost.example.                  MX  10 nowhere.example.
)";

class BounceRecheck : public testing::Test {
 protected:
  BounceRecheck() {
    const auto all = blocklist::read_lists(MAILMEDIC_SOURCE_DIR "/checks/blocklist/blocklists.toml").value();
    auto open = std::make_shared<std::vector<blocklist::List>>();
    for (const auto& list : all)
      if (list.closed.empty()) open->push_back(list);
    context.lists = std::move(open);
  }
  /// The first claim of a reply, asked again.
  bounce::Rechecked first(std::string_view reply, bool fresh = false, std::string_view recipient = "") {
    message::RecipientReport report = bounce::read_reply(reply);
    if (!recipient.empty()) report.recipient = std::string(recipient);
    test::DnsProbes probes(zone);
    const auto all = test::run(bounce::recheck(bounce::claims_of(report, shipped().classify(report), context), context, fresh, probes));
    if (all.empty()) return {.claim = {}, .held = Held::untested, .found = "no claim"};
    CheckReport out;
    const TimePoint now{};
    bounce::judge_claims(report, all, context, now, out);
    for (const Finding& finding : out.findings) test::expect_words_are_filled(finding);
    for (const Finding& unknown : out.unknowns) test::expect_words_are_filled(unknown);
    ids.clear();
    for (const Finding& finding : out.findings) ids.emplace(finding.id);
    for (const Finding& unknown : out.unknowns) ids.emplace(unknown.id);
    return all.front();
  }
  dns::Zone zone = dns::Zone::parse(zone_text).value();
  bounce::Context context;
  std::set<std::string> ids;
};

constexpr auto spamhaus = "554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using zen.spamhaus.org";

}  // namespace

TEST(BounceClaims, AddressesLinksAndLimits) {
  EXPECT_EQ(bounce::addresses_in("from [203.0.113.7]:25, ip=198.51.100.1&x=2001:db8::25. 5.7.1 v1.2.3.4.5").size(), 3u);
  EXPECT_THAT(bounce::links_in("see https://example.com/a?b=c. or <http://example.net/x>"), ElementsAre("https://example.com/a?b=c", "http://example.net/x"));
  EXPECT_THAT(bounce::limits_in("no more than 25 connections and 500 messages per hour"), ElementsAre("25 connections", "500 messages"));
}

TEST_F(BounceRecheck, AListingThatStands) {
  const auto seen = first(spamhaus);
  EXPECT_EQ(seen.held, Held::confirmed);
  EXPECT_EQ(seen.claim.list->shown, "zen.spamhaus.org");
  EXPECT_TRUE(ids.contains("bounce.claim-confirmed"));
}

TEST_F(BounceRecheck, AListingThatIsGone) {
  EXPECT_EQ(first("554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using bl.spamcop.net").held, Held::gone);
  EXPECT_TRUE(ids.contains("bounce.claim-gone"));
}

TEST_F(BounceRecheck, AListingThatWasNotThereAMomentAgo) {
  EXPECT_EQ(first("554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using bl.spamcop.net", true).held, Held::contradicted);
  EXPECT_TRUE(ids.contains("bounce.claim-contradicted"));
}

TEST_F(BounceRecheck, AListThatRefusesTellsNothing) {
  EXPECT_EQ(first("554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using b.barracudacentral.org").held, Held::untested);
  EXPECT_TRUE(ids.contains("bounce.claim-untested"));
}

// BNC-010: a user had the wrong address delisted, because the bounce named another one.
TEST_F(BounceRecheck, AnAddressThatIsNotOurs) {
  context.own = {net::parse_address("192.0.2.1").value()};
  first(spamhaus);
  EXPECT_TRUE(ids.contains("bounce.not-ours"));
  context.own = {net::parse_address("203.0.113.7").value()};
  first(spamhaus);
  EXPECT_FALSE(ids.contains("bounce.not-ours"));
}

TEST_F(BounceRecheck, ReverseNames) {
  EXPECT_EQ(first("450 4.7.25 Client host rejected: cannot find your hostname, [203.0.113.7]").held, Held::gone);
  EXPECT_EQ(first("450 4.7.25 Client host rejected: cannot find your hostname, [203.0.113.8]").held, Held::confirmed);
  EXPECT_EQ(first("450 4.7.25 Client host rejected: cannot find your hostname, [203.0.113.9]").found, "there is no PTR record");
}

TEST_F(BounceRecheck, Spf) {
  EXPECT_EQ(first("550 5.7.1 SPF check failed: 203.0.113.7 is not authorized to send in the name of example.org").held, Held::untested);
  context.sender = "news@example.org";
  EXPECT_EQ(first("550 5.7.1 SPF check failed: 203.0.113.7 is not authorized to send in the name of example.org").held, Held::gone);
  EXPECT_EQ(first("550 5.7.1 SPF check failed: 198.51.100.9 is not authorized to send in the name of example.org").held, Held::confirmed);
}

TEST_F(BounceRecheck, Dmarc) {
  EXPECT_EQ(first("550 5.7.1 rejected by DMARC policy").held, Held::untested);
  context.author = dns::Name::parse("mild.example").value();
  EXPECT_EQ(first("550 5.7.1 rejected by DMARC policy").held, Held::gone);
  context.author = dns::Name::parse("example.org").value();
  EXPECT_EQ(first("421-4.7.40 the sending domain doesn't have a DMARC record - gsmtp").held, Held::gone);
  context.author = dns::Name::parse("bare.example").value();
  EXPECT_EQ(first("421-4.7.40 the sending domain doesn't have a DMARC record - gsmtp").held, Held::confirmed);
}

TEST_F(BounceRecheck, TheRecipientsDomain) {
  EXPECT_EQ(first("550 5.1.2 Host unknown", false, "a@nowhere.example").held, Held::confirmed);
  EXPECT_EQ(first("550 5.1.2 Host unknown", false, "a@example.org").held, Held::gone);
  EXPECT_EQ(first("550 5.1.2 Host unknown", false, "a@null.example").held, Held::confirmed);
  EXPECT_EQ(first("550 5.1.2 Host unknown", false, "a@lost.example").found, "no host of its MX records has an address: nowhere.example");
  EXPECT_EQ(first("550 5.1.2 Host unknown").held, Held::untested);
}

TEST(BounceJudge, EveryReasonHasItsFinding) {
  test::expect_catalogue_fits_code("bounce");
  for (const bounce::Reason& reason : bounce::all_reasons()) EXPECT_EQ(reason.finding, "bounce." + std::string(reason.id));
  std::set<std::string> used;
  for (const bounce::Rule& rule : shipped().rules().rules) {
    used.emplace(rule.reason->id);
    CheckReport out;
    const auto report = bounce::read_reply(rule.samples.front());
    bounce::judge(report, {.rule = &rule, .ground = bounce::Ground::text}, shipped(), out);
    for (const Finding& finding : out.findings) test::expect_words_are_filled(finding);
  }
  EXPECT_EQ(used.size(), bounce::all_reasons().size());
}

// BNC-008
TEST(BounceJudge, CodesThatDoNotMeanWhatTheySay) {
  const auto ids_of = [](std::string_view reply) {
    CheckReport out;
    const auto report = bounce::read_reply(reply);
    bounce::judge(report, shipped().classify(report), shipped(), out);
    std::set<std::string> ids;
    for (const Finding& finding : out.findings) ids.emplace(finding.id);
    for (const Finding& unknown : out.unknowns) ids.emplace(unknown.id);
    return ids;
  };
  EXPECT_TRUE(ids_of("550 Ip frequency limited. https://service.mail.qq.com/detail/122/172").contains("bounce.heals"));
  EXPECT_TRUE(ids_of("421 4.7.1 [TS03] All messages from 203.0.113.7 will be permanently deferred; Retrying will NOT succeed. See https://postmaster.yahooinc.com/error-codes").contains("bounce.never-heals"));
  const auto plain = ids_of("550 5.1.1 user unknown");
  EXPECT_FALSE(plain.contains("bounce.heals") || plain.contains("bounce.never-heals"));
  EXPECT_TRUE(ids_of("550 the moon is in the wrong house").contains("bounce.unmatched"));
}
