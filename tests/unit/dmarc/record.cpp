#include "checks/dmarc/record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "checks/dmarc/align.hpp"
#include "checks/dmarc/discover.hpp"
#include "lib/dns/public_suffix.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;
using namespace mailmedic::dmarc;
using testing::ElementsAre;

namespace {
dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }
Record record(std::string_view text) { return parse_record(text).value(); }
std::vector<Fault> faults(std::string_view text) {
  std::vector<Fault> out;
  for (const Problem& problem : record(text).problems) out.push_back(problem.fault);
  return out;
}
Walk walked(std::string_view zone, std::string_view domain) {
  dns::Zone dns = dns::Zone::parse(zone).value();
  const dns::Name start = name(domain);
  return test::run(walk(start, dns));
}
std::vector<std::string> names(const Walk& walk) {
  std::vector<std::string> out;
  for (const WalkStep& step : walk.steps) out.push_back(step.domain.text());
  return out;
}
}  // namespace

TEST(DmarcRecord, IsSelectedByItsFirstTagOnly) {
  for (const auto* good : {"v=DMARC1", "v=DMARC1;", "v = DMARC1 ; p=none", "V=DMARC1;p=none"}) EXPECT_TRUE(is_dmarc_record(good)) << good;
  for (const auto* bad : {"v=dmarc1; p=none", " v=DMARC1; p=none", "\"v=DMARC1; p=none", "p=none; v=DMARC1", "v=DMARC1 p=none", "v=DMARC1, p=none", "v=DMARC12", ""})
    EXPECT_FALSE(is_dmarc_record(bad)) << bad;
}

TEST(DmarcRecord, ReadsItsTags) {
  const Record read = record("v=DMARC1; p=Reject; sp=quarantine; np=reject; adkim=s; aspf=r; t=y; psd=n; fo=1:d; rua=mailto:a@example.org!10m,mailto:b@example.com; ruf=mailto:c@example.org");
  EXPECT_EQ(read.p, Policy::reject);
  EXPECT_EQ(read.sp, Policy::quarantine);
  EXPECT_EQ(read.np, Policy::reject);
  EXPECT_EQ(read.adkim, AlignmentMode::strict);
  EXPECT_EQ(read.aspf, AlignmentMode::relaxed);
  EXPECT_EQ(read.psd, Psd::no);
  EXPECT_TRUE(read.testing);
  ASSERT_EQ(read.rua.size(), 2u);
  EXPECT_EQ(read.rua[0].text, "mailto:a@example.org");
  EXPECT_TRUE(read.rua[0].has_size);
  EXPECT_EQ(read.rua[1].domain, name("example.com"));
  EXPECT_TRUE(read.problems.empty());
}

TEST(DmarcRecord, KeepsWhatItCannotUse) {
  EXPECT_THAT(faults("v=DMARC1; p=none; hello"), ElementsAre(Fault::syntax));
  EXPECT_THAT(faults("v=DMARC1; p=none rua=mailto:a@example.org"), ElementsAre(Fault::bad_policy));
  EXPECT_THAT(faults("v=DMARC1; p=none; pct=50; rf=afrf; ri=3600"), ElementsAre(Fault::removed_tag, Fault::removed_tag, Fault::removed_tag));
  EXPECT_THAT(faults("v=DMARC1; p=none; adkim=x; fo=0:1; psd=q; t=1"), ElementsAre(Fault::bad_value, Fault::bad_value, Fault::bad_value, Fault::bad_value));
  EXPECT_THAT(faults("v=DMARC1; p=none; rua=a@example.org, mailto:b@example.org"), ElementsAre(Fault::bad_uri));
  EXPECT_THAT(faults("v=DMARC1; p=none; p=reject"), ElementsAre(Fault::duplicate));
  EXPECT_EQ(record("v=DMARC1; p=none; p=reject").p, Policy::none);
}

TEST(DmarcRecord, DecidesThePolicyByEachStandard) {
  const auto policy = [](std::string_view text, Subject subject, Standard standard) {
    const Effective effective = effective_policy(record(text), subject, standard);
    return !effective.applies ? "no DMARC" : std::string(policy_text(effective.policy)) + " by " + std::string(effective.from);
  };
  using enum Subject;
  const auto both = {Standard::rfc9989, Standard::rfc7489};
  for (const Standard standard : both) {
    EXPECT_EQ(policy("v=DMARC1; p=reject", domain, standard), "reject by p");
    EXPECT_EQ(policy("v=DMARC1; p=reject", nonexistent_subdomain, standard), "reject by p");
    EXPECT_EQ(policy("v=DMARC1; p=reject; sp=none", existing_subdomain, standard), "none by sp");
    EXPECT_EQ(policy("v=DMARC1; p=rejct; rua=mailto:a@example.org", domain, standard), "none by default");
    EXPECT_EQ(policy("v=DMARC1; p=rejct", domain, standard), "no DMARC");
  }
  EXPECT_EQ(policy("v=DMARC1; p=none; np=reject", nonexistent_subdomain, Standard::rfc9989), "reject by np");
  EXPECT_EQ(policy("v=DMARC1; p=none; np=reject", nonexistent_subdomain, Standard::rfc7489), "none by p");
  EXPECT_EQ(policy("v=DMARC1; p=reject; t=y", domain, Standard::rfc9989), "quarantine by p");
  EXPECT_EQ(policy("v=DMARC1; p=reject; t=y", domain, Standard::rfc7489), "reject by p");
  EXPECT_EQ(policy("v=DMARC1", domain, Standard::rfc9989), "none by default");
  EXPECT_EQ(policy("v=DMARC1", domain, Standard::rfc7489), "no DMARC");
}

TEST(DmarcWalk, AsksAtMostEightNames) {
  EXPECT_THAT(names(walked("", "example.org")), ElementsAre("example.org", "org"));
  EXPECT_THAT(names(walked("", "a.b.c.d.e.f.g.h.i.j.mail.example.com")),
              ElementsAre("a.b.c.d.e.f.g.h.i.j.mail.example.com", "g.h.i.j.mail.example.com", "h.i.j.mail.example.com", "i.j.mail.example.com",
                          "j.mail.example.com", "mail.example.com", "example.com", "com"));
  EXPECT_THAT(names(walked("", "org")), ElementsAre("org"));
}

TEST(DmarcWalk, FindsTheOrganizationalDomain) {
  const auto organization = [](std::string_view zone, std::string_view domain) { return walked(zone, domain).organizational_domain().value().text(); };
  EXPECT_EQ(organization("_dmarc.example.org. TXT \"v=DMARC1; p=none\"", "a.b.example.org"), "example.org");
  EXPECT_EQ(organization("", "a.b.example.org"), "a.b.example.org");
  EXPECT_EQ(organization("_dmarc.b.example.org. TXT \"v=DMARC1; psd=n\"\n_dmarc.example.org. TXT \"v=DMARC1\"", "a.b.example.org"), "b.example.org");
  EXPECT_EQ(organization("_dmarc.example. TXT \"v=DMARC1; psd=y\"\n_dmarc.a.b.example. TXT \"v=DMARC1\"", "a.b.example"), "b.example");
  EXPECT_EQ(organization("_dmarc.example.org. TXT \"v=DMARC1; psd=y\"", "example.org"), "example.org");
  // Several records at a name are all discarded.
  EXPECT_EQ(organization("_dmarc.example.org. TXT \"v=DMARC1\"\n_dmarc.example.org. TXT \"v=DMARC1;\"\n_dmarc.b.example.org. TXT \"v=DMARC1\"", "a.b.example.org"), "b.example.org");
}

TEST(DmarcWalk, TellsThatDnsDidNotAnswer) {
  dns::Zone zone = dns::Zone::parse("_dmarc.a.example.org. TXT \"v=DMARC1; p=reject\"").value();
  zone.fail(name("_dmarc.example.org"), dns::Status::serv_fail);
  const dns::Name domain = name("a.example.org"), below = name("b.a.example.org");
  const Walk walk = test::run(dmarc::walk(domain, zone));
  EXPECT_EQ(walk.end, WalkEnd::no_answer);
  EXPECT_FALSE(walk.organizational_domain());
  EXPECT_TRUE(discover(domain, walk).record);  // its own record needs no walk
  EXPECT_FALSE(discover(below, test::run(dmarc::walk(below, zone))).known);
}

TEST(DmarcDiscovery, FallsBackToTheOrganizationAndThePublicSuffix) {
  const std::string zone = "_dmarc.example. TXT \"v=DMARC1; psd=y; np=reject\"\n_dmarc.own.example. TXT \"v=DMARC1; p=quarantine\"";
  const auto speaks = [&](std::string_view domain) { return discover(name(domain), walked(zone, domain)).record_domain.text(); };
  EXPECT_EQ(speaks("own.example"), "own.example");
  EXPECT_EQ(speaks("a.own.example"), "own.example");
  EXPECT_EQ(speaks("other.example"), "example");
  EXPECT_EQ(speaks("a.other.example"), "example");
}

TEST(DmarcAlignment, IsComputedByBothStandards) {
  dns::Zone zone = dns::Zone::parse("_dmarc.example.org. TXT \"v=DMARC1\"\n_dmarc.news.example.org. TXT \"v=DMARC1; psd=n\"").value();
  const auto relaxed = [&](std::string_view author, std::string_view identifier) {
    const dns::Name a = name(author), b = name(identifier);
    return test::run(align(a, b, zone));
  };
  EXPECT_TRUE(relaxed("example.org", "example.org").strict);
  EXPECT_FALSE(relaxed("example.org", "a.example.org").strict);
  EXPECT_EQ(relaxed("example.org", "a.example.org").relaxed, true);
  EXPECT_EQ(relaxed("example.org", "a.news.example.org").relaxed, false);
  EXPECT_TRUE(relaxed("example.org", "a.news.example.org").relaxed_7489);
  EXPECT_EQ(relaxed("example.org", "example.com").relaxed, false);
  zone.fail(name("_dmarc.example.com"), dns::Status::timed_out);
  EXPECT_EQ(relaxed("example.org", "example.com").relaxed, std::nullopt);
}

// The public suffix list's own tests: tests/vectors/psl/test_psl.txt.
TEST(PublicSuffix, PassesTheListsOwnTests) {
  std::ifstream file(MAILMEDIC_SOURCE_DIR "/tests/vectors/psl/test_psl.txt");
  const std::regex line_form(R"re(^checkPublicSuffix\((?:'([^']*)'|null), (?:'([^']*)'|null)\);)re");
  int count = 0;
  for (std::string line; std::getline(file, line);) {
    std::smatch found;
    if (!std::regex_search(line, found, line_form) || !found[1].matched) continue;  // null is no name in C++
    ++count;
    const auto asked = dns::Name::parse(found[1].str());
    const auto domain = asked ? dns::registrable_domain(*asked) : std::nullopt;
    if (found[2].matched)
      EXPECT_EQ(domain, name(found[2].str())) << line;
    else
      EXPECT_FALSE(domain) << line;
  }
  EXPECT_EQ(count, 77);
}
