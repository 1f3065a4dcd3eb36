// The flattened view, the tree of includes, and what a record shows beyond syntax and limits.
#include "checks/spf/networks.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include "checks/spf/check.hpp"
#include "checks/spf/lint.hpp"
#include "lib/dns/zone.hpp"
#include "lib/text/ascii.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

namespace {

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

constexpr std::string_view zone_text = R"(
example.org.        MX  10 mx.example.org.
example.org.        A   8.8.4.4
mx.example.org.     A   8.8.4.5
mx.example.org.     AAAA 2001:4860::25
esp.example.com.    TXT "v=spf1 ip4:203.0.113.0/24 ~ip4:192.0.2.1 include:deep.example.com -all"
deep.example.com.   TXT "v=spf1 ip6:2001:db8::/32 a:void.example.com ?all"
all.example.com.    TXT "v=spf1 ip4:198.51.100.1 ~all"
loop.example.com.   TXT "v=spf1 include:loop.example.com ip4:192.0.2.9 -all"
exp.example.com.    TXT "not you, %{i}"
twoexp.example.com. TXT "one"
twoexp.example.com. TXT "two"
badexp.example.com. TXT "100% forged"
)";

std::vector<std::string> flattened(const std::string& record, bool* complete = nullptr, const std::vector<std::string>& failing = {}) {
  dns::Zone zone = dns::Zone::parse(zone_text).value();
  for (const std::string& one : failing) zone.fail(name(one), dns::Status::timed_out);
  const dns::Name domain = name("example.org");
  const spf::Survey survey = test::run(spf::survey(domain, zone, &record));
  const spf::Networks networks = test::run(spf::authorized_networks(survey, zone));
  if (complete) *complete = networks.complete;
  std::vector<std::string> out;
  for (const spf::Authorized& one : networks.all) out.push_back(fmt::format("{}{} by {}", static_cast<char>(one.qualifier), one.network.text(), text::joined(one.path, " > ")));
  for (const auto& path : networks.dynamic) out.push_back("dynamic " + text::joined(path, " > "));
  return out;
}

std::vector<std::string> linted(const std::string& record) {
  dns::Zone zone = dns::Zone::parse(zone_text).value();
  const dns::Name domain = name("example.org");
  const spf::Survey survey = test::run(spf::survey(domain, zone, &record));
  CheckReport report;
  spf::lint(survey, report);
  std::vector<std::string> out;
  for (const Finding& finding : report.findings) {
    test::expect_words_are_filled(finding);
    out.emplace_back(finding.id);
  }
  return out;
}

CheckReport checked(const std::string& zone_lines, bool one_of_many = false) {
  dns::Zone zone = dns::Zone::parse(zone_lines).value();
  test::DnsProbes probes(zone);
  const Target target{.domain = name("example.org"), .one_of_many = one_of_many};
  CheckReport report = test::run(spf::check(target, probes));
  for (const Finding& finding : report.findings)
    if (finding.id.starts_with("spf.")) test::expect_words_are_filled(finding);
  return report;
}
std::vector<std::string> ids(const CheckReport& report) {
  std::vector<std::string> out;
  for (const Finding& finding : report.findings) out.emplace_back(finding.id);
  return out;
}

}  // namespace

TEST(SpfNetworks, EachWithItsPath) {
  EXPECT_THAT(flattened("v=spf1 mx a/24 ip4:198.51.100.7 -all"),
              ElementsAre("+8.8.4.5/32 by mx", "+2001:4860::25/128 by mx", "+8.8.4.4/24 by a/24", "+198.51.100.7/32 by ip4:198.51.100.7"));
}

TEST(SpfNetworks, InsideAnIncludeOnlyWhatPassesCounts) {
  EXPECT_THAT(flattened("v=spf1 ~include:esp.example.com -all"),
              ElementsAre("~203.0.113.0/24 by ~include:esp.example.com > ip4:203.0.113.0/24", "~2001:db8::/32 by ~include:esp.example.com > include:deep.example.com > ip6:2001:db8::/32"));
}

TEST(SpfNetworks, ARedirectKeepsItsOwnQualifiers) {
  EXPECT_THAT(flattened("v=spf1 redirect=all.example.com"), ElementsAre("+198.51.100.1/32 by redirect=all.example.com > ip4:198.51.100.1"));
}

TEST(SpfNetworks, WhatDependsOnTheSenderIsNamed) {
  EXPECT_THAT(flattened("v=spf1 exists:%{i}._spf.example.org ptr a:%{d} -all"),
              ElementsAre("dynamic exists:%{i}._spf.example.org", "dynamic ptr", "dynamic a:%{d}"));
}

TEST(SpfNetworks, SaysWhenSomethingIsMissing) {
  bool complete = false;
  flattened("v=spf1 mx include:esp.example.com -all", &complete);
  EXPECT_TRUE(complete);
  for (const char* failing : {"mx.example.org", "deep.example.com", "void.example.com"}) {
    flattened("v=spf1 mx include:esp.example.com -all", &complete, {failing});
    EXPECT_FALSE(complete) << failing;
  }
}

TEST(SpfNetworks, ALoopEnds) { EXPECT_THAT(flattened("v=spf1 include:loop.example.com -all"), ElementsAre("+192.0.2.9/32 by include:loop.example.com > ip4:192.0.2.9")); }

TEST(SpfTree, AddsUpWhatEachIncludeCosts) {
  dns::Zone zone = dns::Zone::parse(zone_text).value();
  const dns::Name domain = name("example.org");
  const std::string record = "v=spf1 mx include:esp.example.com -all";
  const spf::Node tree = spf::tree_of(test::run(spf::survey(domain, zone, &record)));
  EXPECT_EQ(tree.lookups, 4);  // mx, include, include, a
  EXPECT_EQ(tree.voids, 1);    // a:void.example.com
  ASSERT_EQ(tree.children.size(), 1u);
  EXPECT_EQ(tree.children[0].lookups, 2);
  EXPECT_EQ(tree.children[0].children.at(0).domain.text(), "deep.example.com");
}

TEST(SpfLint, SaysWhatIsNamedTwice) {
  EXPECT_THAT(linted("v=spf1 mx ip4:198.51.100.0/24 -all"), IsEmpty());
  EXPECT_THAT(linted("v=spf1 include:esp.example.com include:deep.example.com -all"), ElementsAre("spf.included-twice"));
  EXPECT_THAT(linted("v=spf1 ip4:198.51.100.0/24 ip4:198.51.100.7 -all"), ElementsAre("spf.covered-network"));
  EXPECT_THAT(linted("v=spf1 ip4:198.51.100.7 ip4:198.51.100.7 -all"), ElementsAre("spf.covered-network"));
  EXPECT_THAT(linted("v=spf1 -ip4:198.51.100.7 ip4:198.51.100.0/24 -all"), IsEmpty()) << "an exception is no repetition";
}

TEST(SpfLint, TheExplanationMustBeUsable) {
  EXPECT_THAT(linted("v=spf1 mx -all exp=exp.example.com"), IsEmpty());
  EXPECT_THAT(linted("v=spf1 mx -all exp=twoexp.example.com"), ElementsAre("spf.explanation"));
  EXPECT_THAT(linted("v=spf1 mx -all exp=badexp.example.com"), ElementsAre("spf.explanation"));
  EXPECT_THAT(linted("v=spf1 mx -all exp=none.example.com"), ElementsAre("spf.explanation"));
  dns::Zone zone = dns::Zone::parse(zone_text).value();
  zone.fail(name("exp.example.com"), dns::Status::serv_fail);
  const dns::Name domain = name("example.org");
  const std::string record = "v=spf1 mx -all exp=exp.example.com";
  CheckReport report;
  spf::lint(test::run(spf::survey(domain, zone, &record)), report);
  EXPECT_THAT(report.findings, IsEmpty()) << "no answer: nothing is said";
}

TEST(SpfLint, LargeAnswers) {
  std::string zone = "example.org. TXT \"v=spf1 -all\"\n";
  EXPECT_THAT(ids(checked(zone)), IsEmpty());
  const std::string filler(200, 'x');
  for (int i = 0; i < 3; ++i) zone += fmt::format("example.org. TXT \"{}{}\"\n", i, filler);
  EXPECT_THAT(ids(checked(zone)), ElementsAre("spf.answer-large"));
  for (int i = 3; i < 450; ++i) zone += fmt::format("example.org. TXT \"{}{}\"\n", i, filler);
  EXPECT_THAT(ids(checked(zone)), ElementsAre("spf.answer-too-large"));
}

TEST(SpfPlaces, AWildcardIsANote) {
  EXPECT_THAT(ids(checked("example.org. TXT \"v=spf1 -all\"\n*.example.org. TXT \"v=spf1 -all\"\n")), ElementsAre("spf.wildcard"));
  EXPECT_THAT(ids(checked("example.org. TXT \"v=spf1 -all\"\n*.example.org. TXT \"other\"\n")), IsEmpty());
  EXPECT_THAT(ids(checked("example.org. TXT \"v=spf1 -all\"\n*.example.org. TXT \"v=spf1 -all\"\n", true)), IsEmpty()) << "not asked for one of many";
}

TEST(SpfPlaces, ARecordWhereNobodyLooks) {
  const std::string misplaced = "example.org. MX 10 mx.example.org.\n_spf.example.org. TXT \"v=spf1 mx -all\"\n";
  EXPECT_THAT(ids(checked(misplaced)), ElementsAre("spf.wrong-name"));
  EXPECT_THAT(ids(checked(misplaced, true)), ElementsAre("spf.missing"));
  EXPECT_THAT(ids(checked("example.org. TXT \"v=spf1 mx -all\"\n_spf.example.org. TXT \"v=spf1 mx -all\"\n")), Not(Contains("spf.wrong-name")));
}

TEST(SpfPlaces, TheTimeOfTheSurveyIsAFact) {
  const CheckReport report = checked("example.org. TXT \"v=spf1 -all\"\n");
  EXPECT_GE(report.facts.at("milliseconds").as_int64(), 0);
}
