// Each finding of the DMARC check: what triggers it, and what does not.
#include "checks/dmarc/check.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

namespace {

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

CheckReport check(dns::Zone& zone, std::string_view domain = "example.org") {
  test::DnsProbes probes(zone);
  const Target target{.domain = name(domain)};
  CheckReport report = test::run(dmarc::check(target, probes));
  for (const auto* list : {&report.findings, &report.unknowns})
    for (const Finding& finding : *list)
      if (finding.id.starts_with("dmarc.")) test::expect_words_are_filled(finding);
  return report;
}
CheckReport check(std::string_view text, std::string_view domain = "example.org") {
  dns::Zone zone = dns::Zone::parse(text).value();
  return check(zone, domain);
}
std::vector<std::string> ids(const CheckReport& report) {
  std::vector<std::string> out;
  for (const Finding& finding : report.findings) out.emplace_back(finding.id);
  return out;
}
const std::string mx = "example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.1\nexample.org. TXT \"v=spf1 mx -all\"\n";
std::vector<std::string> about(const std::string& tags) { return ids(check(mx + "_dmarc.example.org. TXT \"v=DMARC1; " + tags + "\"")); }

}  // namespace

TEST(DmarcCheck, HasNothingAgainstAGoodRecord) {
  EXPECT_THAT(about("p=reject; rua=mailto:dmarc@example.org"), IsEmpty());
  EXPECT_THAT(about("p=quarantine; sp=reject; np=reject; adkim=s; rua=mailto:dmarc@example.org; ruf=mailto:dmarc@example.org; fo=1"), UnorderedElementsAre("dmarc.failure-reports", "dmarc.next-step-reject"));
}

TEST(DmarcCheck, SaysWhatToPublishWhereNothingIs) {
  const auto record_of = [](const CheckReport& report) {
    for (const Finding& finding : report.findings)
      for (const auto& [key, value] : finding.args)
        if (key == "record") return std::string(finding.id) + ": " + value;
    return std::string("no record");
  };
  EXPECT_EQ(record_of(check(mx)), "dmarc.missing: v=DMARC1; p=none; rua=mailto:dmarc-reports@example.org");
  EXPECT_EQ(record_of(check("a.example.org. MX 10 mx.example.org.", "a.example.org")), "dmarc.missing: v=DMARC1; p=none; rua=mailto:dmarc-reports@example.org");
  EXPECT_EQ(record_of(check("example.org. MX 0 .")), "dmarc.missing: v=DMARC1; p=reject");
  EXPECT_THAT(ids(check(mx + "dmarc.example.org. TXT \"v=DMARC1; p=none\"")), UnorderedElementsAre("dmarc.wrong-name"));
  EXPECT_THAT(ids(check(mx + "example.org. TXT \"v=DMARC1; p=none\"")), UnorderedElementsAre("dmarc.wrong-name"));
}

TEST(DmarcCheck, FindsFaultsAtTheName) {
  EXPECT_THAT(ids(check("_dmarc.example.org. TXT \"v=dmarc1; p=none\"")), UnorderedElementsAre("dmarc.version"));
  EXPECT_THAT(ids(check("_dmarc.example.org. TXT \" v=DMARC1; p=none\"")), UnorderedElementsAre("dmarc.version"));
  EXPECT_THAT(ids(check("_dmarc.example.org. TXT \"v=DMARC1 p=none\"")), UnorderedElementsAre("dmarc.version"));
  EXPECT_THAT(ids(check("_dmarc.example.org. TXT \"v=DMARC1; p=none\"\n_dmarc.example.org. TXT \"v=DMARC1; p=reject\"")), UnorderedElementsAre("dmarc.several-records"));
  EXPECT_THAT(ids(check(mx + "_dmarc.example.org. TXT \"v=spf1 -all\"")), UnorderedElementsAre("dmarc.other-text", "dmarc.missing"));
  EXPECT_THAT(ids(check(mx + "*.example.org. TXT \"v=spf1 -all\"")), UnorderedElementsAre("dmarc.wildcard", "dmarc.missing"));
  EXPECT_THAT(ids(check(mx + "_dmarc.example.org. CNAME d.example.com.\nd.example.com. TXT \"v=DMARC1; p=reject; rua=mailto:a@example.org\"")),
              UnorderedElementsAre("dmarc.alias"));
}

TEST(DmarcCheck, FindsFaultsOfTheRecord) {
  const std::string rua = "; rua=mailto:a@example.org";
  EXPECT_THAT(about("p=none" + rua), UnorderedElementsAre("dmarc.policy-none", "dmarc.next-step-test"));
  EXPECT_EQ(check(mx + "_dmarc.example.org. TXT \"v=DMARC1; p=none" + rua + "\"").findings.at(0).severity, Severity::info);
  EXPECT_THAT(about("p=none"), UnorderedElementsAre("dmarc.policy-none", "dmarc.no-rua"));
  EXPECT_THAT(about("p=reject; hello" + rua), UnorderedElementsAre("dmarc.syntax"));
  EXPECT_THAT(about("p=reject; x=1" + rua), UnorderedElementsAre("dmarc.unknown-tag"));
  EXPECT_THAT(about("p=reject; adkim=y" + rua), UnorderedElementsAre("dmarc.bad-value"));
  EXPECT_THAT(about("p=reject; p=none" + rua), UnorderedElementsAre("dmarc.duplicate-tag"));
  EXPECT_THAT(about("rua=mailto:a@example.org"), UnorderedElementsAre("dmarc.policy-absent"));
  EXPECT_THAT(about("p=monitor" + rua), UnorderedElementsAre("dmarc.bad-policy"));
  EXPECT_THAT(about("rua=mailto:a@example.org; p=reject"), UnorderedElementsAre("dmarc.policy-not-second"));
  EXPECT_THAT(about("p=reject; sp=none" + rua), UnorderedElementsAre("dmarc.subdomain-policy-weaker"));
  EXPECT_THAT(about("p=reject; np=none" + rua), UnorderedElementsAre("dmarc.nonexistent-policy-weaker"));
  EXPECT_THAT(about("p=reject; psd=y" + rua), UnorderedElementsAre("dmarc.psd"));
  EXPECT_THAT(about("p=reject; psd=n" + rua), UnorderedElementsAre("dmarc.psd-no"));
  EXPECT_THAT(about("p=quarantine; np=reject; t=y" + rua), UnorderedElementsAre("dmarc.testing", "dmarc.next-step-quarantine"));
  EXPECT_THAT(about("p=quarantine" + rua), UnorderedElementsAre("dmarc.nonexistent-policy-absent", "dmarc.next-step-reject"));
  EXPECT_THAT(about("p=reject; t=y" + rua), UnorderedElementsAre("dmarc.testing", "dmarc.next-step-reject"));
  EXPECT_THAT(about("p=reject; pct=50" + rua), UnorderedElementsAre("dmarc.pct"));
  EXPECT_THAT(about("p=reject; pct=100; ri=86400" + rua), UnorderedElementsAre("dmarc.removed-tag", "dmarc.removed-tag"));
  EXPECT_THAT(about("p=reject; fo=1" + rua), UnorderedElementsAre("dmarc.fo-without-ruf"));
  EXPECT_THAT(about("p=reject; rua=a@example.org"), UnorderedElementsAre("dmarc.bad-uri", "dmarc.no-rua"));
  EXPECT_THAT(about("p=reject; rua=mailto:a@example.org!5m"), UnorderedElementsAre("dmarc.uri-size"));
  EXPECT_THAT(about("p=reject; rua=https://example.org/x"), UnorderedElementsAre("dmarc.uri-scheme"));
  EXPECT_THAT(about("p=reject; rua=mailto:a@example.org,mailto:b@example.org,mailto:c@example.org"), UnorderedElementsAre("dmarc.many-uris"));
}

TEST(DmarcCheck, FollowsTheReports) {
  const std::string record = mx + "_dmarc.example.org. TXT \"v=DMARC1; p=reject; rua=mailto:a@example.com\"\n";
  const std::string destination = "example.com. MX 10 mx.example.com.\nmx.example.com. AAAA 2001:db8::1\n";
  EXPECT_THAT(ids(check(record + destination)), UnorderedElementsAre("dmarc.no-consent"));
  EXPECT_THAT(ids(check(record + destination + "example.org._report._dmarc.example.com. TXT \"v=DMARC1\"")), IsEmpty());
  EXPECT_THAT(ids(check(record + destination + "*._report._dmarc.example.com. TXT \"v=DMARC1;\"")), IsEmpty());
  const std::string consent = "example.org._report._dmarc.example.com. TXT \"v=DMARC1\"\n";
  EXPECT_THAT(ids(check(record + consent)), UnorderedElementsAre("dmarc.destination-without-mx"));
  EXPECT_THAT(ids(check(record + consent + "example.com. MX 0 .")), UnorderedElementsAre("dmarc.destination-without-mx"));
  EXPECT_THAT(ids(check(record + consent + "example.com. A 192.0.2.1")), IsEmpty());
  EXPECT_THAT(ids(check(record + consent + "example.com. MX 10 gone.example.com.")), UnorderedElementsAre("dmarc.destination-without-mx"));
}

TEST(DmarcCheck, ShowsWhereTheStandardsDiffer) {
  const std::string zone = mx + "a.example.org. MX 10 mx.example.org.\n_dmarc.a.example.org. TXT \"v=DMARC1; p=reject; rua=mailto:x@a.example.org\"\n";
  EXPECT_THAT(ids(check(zone, "a.example.org")), UnorderedElementsAre("dmarc.organizational-domain-differs", "dmarc.standards-differ"));
  EXPECT_THAT(ids(check(zone + "_dmarc.example.org. TXT \"v=DMARC1; p=reject\"", "a.example.org")), IsEmpty());
  EXPECT_THAT(ids(check(mx + "_dmarc.example.org. TXT \"v=DMARC1; p=reject\"\na.example.org. MX 10 mx.example.org.\n_dmarc.a.example.org. TXT \"v=DMARC1; p=reject; sp=none; rua=mailto:x@a.example.org\"", "a.example.org")),
              UnorderedElementsAre("dmarc.subdomain-policy-ignored"));
}

TEST(DmarcCheck, GivesItsFacts) {
  const auto facts = check(mx + "_dmarc.example.org. TXT \"v=DMARC1; p=reject; sp=quarantine; np=reject; rua=mailto:a@example.org\"\nwww.example.org. A 192.0.2.1", "www.example.org").facts;
  EXPECT_EQ(facts.at("policy"), "quarantine");
  EXPECT_EQ(facts.at("record_domain"), "example.org");
  EXPECT_EQ(facts.at("organizational_domain"), "example.org");
  EXPECT_EQ(facts.at("tree_walk").as_array().size(), 3u);
  EXPECT_EQ(boost::json::serialize(facts.at("effective").as_object().at("rfc9989")),
            R"({"domain":{"policy":"quarantine","from":"sp"},"existing_subdomain":{"policy":"quarantine","from":"sp"},"nonexistent_subdomain":{"policy":"reject","from":"np"}})");
  EXPECT_EQ(facts.at("rfc7489").as_object().at("organizational_domain"), "example.org");
}

class DmarcCheckWithoutAnswer : public testing::TestWithParam<dns::Status> {};

TEST_P(DmarcCheckWithoutAnswer, CannotTellThePolicy) {
  dns::Zone zone = dns::Zone::parse("example.org. MX 10 mx.example.org.").value();
  zone.fail(name("_dmarc.example.org"), GetParam());
  const auto report = check(zone);
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report), IsEmpty());
}

TEST_P(DmarcCheckWithoutAnswer, CannotTellThePolicyOfAnAncestor) {
  dns::Zone zone = dns::Zone::parse("a.example.org. MX 10 mx.example.org.").value();
  zone.fail(name("_dmarc.example.org"), GetParam());
  const auto report = check(zone, "a.example.org");
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report), IsEmpty());
}

TEST_P(DmarcCheckWithoutAnswer, CannotTellAboutDestinations) {
  dns::Zone zone = dns::Zone::parse("_dmarc.example.org. TXT \"v=DMARC1; p=reject; rua=mailto:a@example.com\"").value();
  zone.fail(name("example.com"), GetParam());
  zone.fail(name("example.org._report._dmarc.example.com"), GetParam());
  const auto report = check(zone);
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report), IsEmpty());
}

TEST_P(DmarcCheckWithoutAnswer, CannotTellWhetherADestinationIsOneOfOurs) {
  dns::Zone zone = dns::Zone::parse("_dmarc.example.org. TXT \"v=DMARC1; p=reject; rua=mailto:a@example.com\"\nexample.com. A 192.0.2.1").value();
  zone.fail(name("_dmarc.example.com"), GetParam());
  const auto report = check(zone);
  EXPECT_THAT(ids(report), IsEmpty());
  ASSERT_EQ(report.unknowns.size(), 1u);
  EXPECT_EQ(report.unknowns.front().id, "dmarc.consent-unknown");
}

INSTANTIATE_TEST_SUITE_P(Failures, DmarcCheckWithoutAnswer,
                         testing::Values(dns::Status::serv_fail, dns::Status::timed_out, dns::Status::refused, dns::Status::bogus, dns::Status::malformed),
                         test::failure_name);

TEST(DmarcCheck, CatalogueFitsTheCode) { test::expect_catalogue_fits_code("dmarc"); }
