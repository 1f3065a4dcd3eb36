// What a web server gives of a mail domain: policies and logos of a real nginx, through the real tools.
#include <gmock/gmock.h>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// "id severity" of each finding of one check in a report of `domain`, notes too; `kind` may be "unknowns".
std::multiset<std::string> said(const json::object& report, const std::string& check, const char* kind = "findings") {
  std::multiset<std::string> out;
  for (const json::value& finding : report.at(kind).as_array())
    if (text_at(finding, "id").starts_with(check + ".")) out.insert(text_at(finding, "id") + " " + text_at(finding, "severity"));
  return out;
}

json::object look(const std::string& domain, const Words& more = {}) {
  Words words = {"domain", domain, "--timeout", "3"};
  words.insert(words.end(), more.begin(), more.end());
  return report_of(in_lab(words));
}

using Said = std::multiset<std::string>;

TEST(Https, PoliciesGoodAndBad) {
  const std::vector<std::pair<std::string, Said>> cases = {
      {"good.test", {}},
      {"sts-ok.test", {}},
      {"sts-testing.test", {"mta_sts.testing info"}},
      {"sts-none.test", {"mta_sts.none info"}},
      {"sts-mismatch.test", {"mta_sts.mx-not-allowed critical", "mta_sts.unused-pattern warning"}},
      {"sts-pattern.test", {"mta_sts.mx-not-allowed critical", "mta_sts.unused-pattern warning"}},  // "*" is one label, not two
      {"sts-expiredcert.test", {"mta_sts.certificate-dates critical"}},
      {"sts-wrongname.test", {"mta_sts.certificate-name critical"}},
      {"sts-nopolicy.test", {"mta_sts.status critical"}},
      {"sts-redirect.test", {"mta_sts.redirect critical"}},
      {"sts-html.test", {"mta_sts.media-type warning"}},
      {"sts-huge.test", {"mta_sts.too-large warning"}},
      {"sts-two.test", {"mta_sts.several-records error"}},
  };
  for (const auto& [domain, expected] : cases) {
    const json::object report = look(domain);
    EXPECT_EQ(said(report, "mta_sts"), expected) << domain << json::serialize(at(report, "facts.mta_sts"));
    EXPECT_THAT(said(report, "mta_sts", "unknowns"), IsEmpty()) << domain;
  }
}

TEST(Https, APolicyThatIsNoneIsSaidToBeNone) {
  const Said seen = said(look("sts-badpolicy.test"), "mta_sts");
  EXPECT_TRUE(seen.contains("mta_sts.policy-version error"));
  EXPECT_TRUE(seen.contains("mta_sts.mode error"));
}

TEST(Https, PolicyFacts) {
  const json::object report = look("sts-ok.test");
  EXPECT_EQ(text_at(report, "facts.mta_sts.policy.mode"), "enforce");
  EXPECT_EQ(text_at(report, "facts.mta_sts.policy.mx.0"), "postfix.lab.test");
  EXPECT_EQ(text_at(report, "facts.mta_sts.fetched.0.address"), "127.0.44.3");
  EXPECT_EQ(text_at(report, "facts.mta_sts.fetched.0.status"), "200");
  EXPECT_EQ(text_at(report, "facts.mta_sts.fetched.0.tls.trusted"), "true");
}

TEST(Https, LogosGoodAndBad) {
  const std::vector<std::pair<std::string, Said>> cases = {
      {"good.test", {"bimi.no-certificate info"}},
      {"bimi-ok.test", {"bimi.no-certificate info"}},
      {"bimi-mark.test", {}},
      {"bimi-declined.test", {"bimi.declined info"}},
      {"bimi-othermark.test", {"bimi.svg-script error", "bimi.certificate-names error", "bimi.certificate-other-logo error"}},
      {"bimi-entity.test", {"bimi.svg-doctype error", "bimi.certificate-unreadable error"}},
      {"bimi-gone.test", {"bimi.dmarc-policy error", "bimi.status error", "bimi.not-served error"}},
  };
  for (const auto& [domain, expected] : cases) {
    const json::object report = look(domain);
    EXPECT_EQ(said(report, "bimi"), expected) << domain << json::serialize(at(report, "facts.bimi"));
    EXPECT_THAT(said(report, "bimi", "unknowns"), IsEmpty()) << domain;
  }
}

TEST(Https, ASilentServerIsUnknown) {
  const json::object report = look("bimi-silent.test");
  EXPECT_EQ(said(report, "bimi"), (Said{"bimi.no-certificate info"}));
  EXPECT_EQ(said(report, "bimi", "unknowns"), (Said{"bimi.not-fetched null"}));
}

TEST(Https, DnsOnlyAsksNoWebServer) {
  const json::object report = report_of(in_lab({"audit", "sts-redirect.test", "--dns-only", "--connect-to", "mta-sts.sts-redirect.test:443:127.0.25.200:443"}));
  EXPECT_THAT(said(report, "mta_sts"), IsEmpty());
  EXPECT_EQ(text_at(report, "facts.mta_sts.id"), "20260101000000Z");
  EXPECT_TRUE(at(report, "facts.mta_sts.fetched").is_null());
}

TEST(Https, IsRedirectedAsTheUserSays) {
  const json::object report = look("sts-ok.test", {"--connect-to", "mta-sts.sts-ok.test:443:127.0.25.200:443"});
  EXPECT_EQ(text_at(report, "facts.mta_sts.fetched.0.cause"), "refused");
  EXPECT_EQ(text_at(report, "facts.mta_sts.fetched.0.connected_to"), "127.0.25.200:443");
}

}  // namespace
}  // namespace mailmedic::lab
