// Each finding of the SPF check: what triggers it, and what does not.
#include "checks/spf/check.hpp"

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
net::Address address(std::string_view text) { return *net::parse_address(text); }

Target target_of(std::vector<std::string> addresses = {}) {
  Target target{.domain = name("example.org")};
  for (const auto& text : addresses) target.sending_addresses.push_back(address(text));
  return target;
}

CheckReport check(dns::Zone& zone, const Target& target = target_of()) {
  test::DnsProbes probes(zone);
  CheckReport report = test::run(spf::check(target, probes));
  for (const auto* list : {&report.findings, &report.unknowns})
    for (const Finding& finding : *list)
      if (finding.id.starts_with("spf.")) test::expect_words_are_filled(finding);
  return report;
}

CheckReport check(std::string_view text, const Target& target = target_of()) {
  dns::Zone zone = dns::Zone::parse(text).value();
  return check(zone, target);
}

std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.emplace_back(finding.id);
  return out;
}
std::vector<std::string> ids(const CheckReport& report) { return ids(report.findings); }

/// The findings about one record of example.org, in a zone where the names that records use exist.
std::vector<std::string> about(const std::string& record) {
  return ids(check(R"(
example.org.      MX  10 mx.example.org.
example.org.      A   8.8.4.4
mx.example.org.   A   8.8.4.5
good.example.com. TXT "v=spf1 ip4:8.8.8.0/24 -all"
open.example.com. TXT "v=spf1 +all"
bare.example.com. TXT "hello"
why.example.org.  TXT "you may not"
two.example.com.  TXT "v=spf1 -all"
two.example.com.  TXT "v=spf1 ~all"
bad.example.com.  TXT "v=spf1 ip5:1 -all"
example.org.      TXT )" + record + "\n"));
}

std::string arg(const Finding& finding, std::string_view key) {
  for (const auto& [name, value] : finding.args)
    if (name == key) return value;
  return "(no such argument)";
}

}  // namespace

TEST(SpfCheck, HasNothingAgainstAGoodRecord) {
  EXPECT_THAT(about(R"("v=spf1 mx -all")"), IsEmpty());
  EXPECT_THAT(about(R"("v=spf1 mx include:good.example.com ip6:2001:4860::/32 ~all")"), IsEmpty());
  EXPECT_THAT(about(R"("v=spf1 redirect=good.example.com")"), IsEmpty());
  EXPECT_THAT(about(R"("v=spf1 exists:%{i}._spf.example.org exp=why.example.org -all")"), IsEmpty());
  EXPECT_THAT(about("\"v=spf1 ip4:8.8.\" \"8.8 include:good.exam\" \"ple.com -all\""), IsEmpty());
}

TEST(SpfCheck, SaysWhenThereIsNoRecord) {
  EXPECT_THAT(ids(check("example.org. MX 10 mx.example.org.")), UnorderedElementsAre("spf.missing"));
  EXPECT_THAT(ids(check("example.org. TXT \"hello\"")), UnorderedElementsAre("spf.missing"));
  EXPECT_THAT(ids(check("example.com. A 192.0.2.1")), UnorderedElementsAre("spf.missing"));
  EXPECT_EQ(arg(check("example.org. MX 10 mx.example.org.", target_of({"192.0.2.1", "2001:db8::1"})).findings.at(0), "record"),
            "v=spf1 mx ip4:192.0.2.1 ip6:2001:db8::1 -all");
}

TEST(SpfCheck, AdvisesADomainWithoutMail) {
  EXPECT_THAT(ids(check("example.org. MX 0 .")), UnorderedElementsAre("spf.no-mail-without-record"));
  EXPECT_THAT(ids(check("example.org. MX 0 .\nexample.org. TXT \"v=spf1 -all\"")), IsEmpty());
}

TEST(SpfCheck, FindsFaultsOfTheText) {
  EXPECT_THAT(ids(check("example.org. TXT \"v=spf1 -all\"\nexample.org. TXT \"v=spf1 mx -all\"")), UnorderedElementsAre("spf.several-records"));
  EXPECT_THAT(about(R"("v=spf10 mx -all")"), UnorderedElementsAre("spf.version", "spf.missing"));
  EXPECT_THAT(about(R"(" v=spf1 mx -all")"), UnorderedElementsAre("spf.version", "spf.missing"));
  EXPECT_THAT(about(R"("\"v=spf1 mx -all\"")"), UnorderedElementsAre("spf.version", "spf.missing"));
  EXPECT_THAT(about("\"v=spf1\" \"mx -all\""), UnorderedElementsAre("spf.version", "spf.missing"));
  EXPECT_THAT(about("\"v=spf1 -all\"\nexample.org. TXT \"spf2.0/pra -all\""), UnorderedElementsAre("spf.sender-id"));
  EXPECT_THAT(about("\"v=spf1 include:good.example.com\" \"-all\""), Contains("spf.glued-strings"));
  EXPECT_THAT(about("\"v=spf1 mx\" \"ip4:8.8.8.8 -all\""), Contains("spf.glued-strings"));
  EXPECT_THAT(about("\"v=spf1 mx \" \"ip4:8.8.8.8 -all\""), IsEmpty());
  EXPECT_THAT(about(R"("v=spf1 mx\226\128\139 -all")"), UnorderedElementsAre("spf.bad-characters"));
}

TEST(SpfCheck, FindsSyntaxErrorsWithTermAndOffset) {
  EXPECT_THAT(about(R"("v=spf1 mx -all ipv4:8.8.8.8")"), Contains("spf.unknown-mechanism"));
  EXPECT_THAT(about(R"("v=spf1 8.8.8.8 -all")"), UnorderedElementsAre("spf.unknown-mechanism"));
  EXPECT_THAT(about(R"("v=spf1 mx x-abuse=admin -all")"), UnorderedElementsAre("spf.unknown-modifier"));
  EXPECT_THAT(about(R"("v=spf1 redirect=good.example.com redirect=good.example.com")"), UnorderedElementsAre("spf.duplicate-modifier"));
  for (const auto* bad : {"ip4:8.8.8", "ip4:8.8.8.8/33", "ip4:8.8.8.08", "ip4:8.8.8.8:25", "ip4:2001:db8::1", "ip6:8.8.8.8", "ip6:2001:db8::/129"})
    EXPECT_THAT(about(fmt::format(R"("v=spf1 {} -all")", bad)), UnorderedElementsAre("spf.bad-address")) << bad;
  for (const auto* bad : {"a:localhost", "mx:example.123", "include:example.-com", "a:mail..example.org"})
    EXPECT_THAT(about(fmt::format(R"("v=spf1 {} -all")", bad)), UnorderedElementsAre("spf.bad-domain")) << bad;
  for (const auto* bad : {"exists:%{x}.example.org", "exists:%{c}.example.org", "a:%(i).example.org", "a:%{d0}"})
    EXPECT_THAT(about(fmt::format(R"("v=spf1 {} -all")", bad)), UnorderedElementsAre("spf.bad-macro")) << bad;
  for (const auto* bad : {"include", "exists:", "all:x", "a/33", "mx//129", "ip4", "ptr/8"})
    EXPECT_THAT(about(fmt::format(R"("v=spf1 {} -all")", bad)), Contains("spf.bad-arguments")) << bad;
  const auto report = check("example.org. TXT \"v=spf1 mx foo:bar -all\"");
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(arg(report.findings[0], "term"), "foo:bar");
  EXPECT_EQ(arg(report.findings[0], "offset"), "10");
}

TEST(SpfCheck, FindsTermsThatDoHarmOrNothing) {
  EXPECT_THAT(about(R"("v=spf1 -all mx")"), UnorderedElementsAre("spf.terms-behind-all"));
  EXPECT_THAT(about(R"("v=spf1 mx redirect=good.example.com -all")"), UnorderedElementsAre("spf.redirect-ignored"));
  EXPECT_THAT(about(R"("v=spf1 mx all")"), UnorderedElementsAre("spf.passes-all"));
  EXPECT_THAT(about(R"("v=spf1 mx +all")"), UnorderedElementsAre("spf.passes-all"));
  EXPECT_THAT(about(R"("v=spf1 mx ?all")"), UnorderedElementsAre("spf.neutral-all"));
  EXPECT_THAT(about(R"("v=spf1 mx")"), UnorderedElementsAre("spf.no-all"));
  EXPECT_THAT(about(R"("v=spf1 ptr -all")"), UnorderedElementsAre("spf.ptr"));
  EXPECT_THAT(about(R"("v=spf1 exists:%{p}.example.org -all")"), UnorderedElementsAre("spf.ptr"));
  EXPECT_THAT(about(R"("v=spf1 ip4:8.0.0.0/8 -all")"), UnorderedElementsAre("spf.wide-range"));
  EXPECT_THAT(about(R"("v=spf1 ip6:2000::/3 -all")"), UnorderedElementsAre("spf.wide-range"));
  EXPECT_THAT(about(R"("v=spf1 a/8 -all")"), UnorderedElementsAre("spf.wide-range"));
  EXPECT_THAT(about(R"("v=spf1 ip4:192.168.1.1 -all")"), UnorderedElementsAre("spf.private-address"));
  EXPECT_THAT(about(R"("v=spf1 ip4:8.8.8.8/24 -all")"), UnorderedElementsAre("spf.host-bits"));
  EXPECT_EQ(check("example.org. TXT \"v=spf1 ip4:0.0.0.0/0 -all\"").findings.at(0).severity, Severity::critical);
}

TEST(SpfCheck, FollowsIncludesAndRedirects) {
  EXPECT_THAT(about(R"("v=spf1 include:bare.example.com -all")"), UnorderedElementsAre("spf.include-without-record"));
  EXPECT_THAT(about(R"("v=spf1 redirect=bare.example.com")"), UnorderedElementsAre("spf.redirect-without-record"));
  EXPECT_THAT(about(R"("v=spf1 include:gone.example.com -all")"), UnorderedElementsAre("spf.include-nonexistent"));
  EXPECT_THAT(about(R"("v=spf1 include:bad.example.com -all")"), UnorderedElementsAre("spf.include-error"));
  EXPECT_THAT(about(R"("v=spf1 include:two.example.com -all")"), UnorderedElementsAre("spf.include-error"));
  EXPECT_THAT(about(R"("v=spf1 include:open.example.com -all")"), UnorderedElementsAre("spf.include-passes-all"));
  EXPECT_THAT(about(R"("v=spf1 include:example.org -all")"), UnorderedElementsAre("spf.loop"));
  EXPECT_THAT(about(R"("v=spf1 -all include:gone.example.com")"), UnorderedElementsAre("spf.terms-behind-all"));
}

namespace {
/// example.org includes one record with `count` terms "a" that resolve.
CheckReport with_lookups(int count) {
  std::string terms;
  for (int i = 1; i < count; ++i) terms += " a:mx.example.org";
  return check("mx.example.org. A 192.0.2.1\nexample.org. TXT \"v=spf1 include:many.example.org -all\"\nmany.example.org. TXT \"v=spf1" +
               terms + " -all\"");
}
}  // namespace

TEST(SpfCheck, CountsLookupsOfTheWholeTree) {
  EXPECT_THAT(ids(with_lookups(7)), IsEmpty());
  EXPECT_THAT(ids(with_lookups(8)), UnorderedElementsAre("spf.lookup-headroom"));
  EXPECT_THAT(ids(with_lookups(10)), UnorderedElementsAre("spf.lookup-headroom"));
  EXPECT_THAT(ids(with_lookups(11)), UnorderedElementsAre("spf.lookup-limit"));
  EXPECT_EQ(arg(with_lookups(11).findings.at(0), "lookups"), "11");
  EXPECT_EQ(with_lookups(11).facts.at("lookups"), 11);
}

TEST(SpfCheck, CountsAnEmptyTermOnceWhateverItsFamilies) {
  const std::string zone = "x.example.org. TXT x\nexample.org. TXT \"v=spf1 a:x.example.org a:y.example.org ";
  EXPECT_THAT(ids(check(zone + "-all\"")), IsEmpty());
  EXPECT_THAT(ids(check(zone + "mx:z.example.org -all\"")), UnorderedElementsAre("spf.void-limit"));
  EXPECT_THAT(ids(check("v4.example.org. A 192.0.2.1\nexample.org. TXT \"v=spf1 a:v4.example.org a:v4.example.org a:v4.example.org -all\"")), IsEmpty());
}

TEST(SpfCheck, LimitsTheHostsOfOneMx) {
  std::string zone = "example.org. TXT \"v=spf1 mx -all\"\n";
  for (int i = 0; i < 10; ++i) zone += fmt::format("example.org. MX 10 mx{}.example.org.\n", i);
  EXPECT_THAT(ids(check(zone)), IsEmpty());
  EXPECT_THAT(ids(check(zone + "example.org. MX 20 mx10.example.org.\n")), UnorderedElementsAre("spf.mx-limit"));
}

TEST(SpfCheck, EvaluatesTheSendingAddresses) {
  const std::string zone = "mx.example.org. A 192.0.2.1\nexample.org. MX 10 mx.example.org.\nexample.org. TXT \"v=spf1 mx ~all\"\n";
  EXPECT_THAT(ids(check(zone, target_of({"192.0.2.1"}))), IsEmpty());
  const auto soft = check(zone, target_of({"192.0.2.2"}));
  EXPECT_THAT(ids(soft), UnorderedElementsAre("spf.not-authorized"));
  EXPECT_EQ(soft.findings[0].severity, Severity::error);
  EXPECT_THAT(ids(check(zone, target_of({"192.0.2.1", "2001:db8::1"}))), UnorderedElementsAre("spf.ipv6-not-covered"));
  const auto fail = check("example.org. TXT \"v=spf1 -all\"", target_of({"192.0.2.2"}));
  EXPECT_EQ(fail.findings.at(0).severity, Severity::critical);
  const auto& facts = fail.facts.at("evaluations").as_array().at(0).as_object();
  EXPECT_EQ(facts.at("result"), "fail");
  EXPECT_EQ(facts.at("mechanism"), "-all");
  EXPECT_THAT(ids(check("example.org. TXT \"v=spf1 foo -all\"", target_of({"192.0.2.2"}))),
              UnorderedElementsAre("spf.unknown-mechanism", "spf.evaluation-error"));
}

TEST(SpfCheck, EvaluatesTheEhloName) {
  Target target = target_of({"192.0.2.1"});
  target.helo = "mx.example.org";
  const std::string zone = "mx.example.org. A 192.0.2.1\nexample.org. MX 10 mx.example.org.\nexample.org. TXT \"v=spf1 mx -all\"\n";
  EXPECT_THAT(ids(check(zone, target)), UnorderedElementsAre("spf.helo-without-record"));
  EXPECT_THAT(ids(check(zone + "mx.example.org. TXT \"v=spf1 a -all\"\n", target)), IsEmpty());
  EXPECT_THAT(ids(check(zone + "mx.example.org. TXT \"v=spf1 -all\"\n", target)), UnorderedElementsAre("spf.helo-not-authorized"));
}

// A failure of DNS is neither "missing" nor a pass, wherever it strikes.
class SpfCheckWithoutAnswer : public testing::TestWithParam<dns::Status> {};

TEST_P(SpfCheckWithoutAnswer, CannotTellWhetherThereIsARecord) {
  dns::Zone zone = dns::Zone::parse("example.org. TXT \"v=spf1 -all\"").value();
  zone.fail(name("example.org"), GetParam());
  const auto report = check(zone, target_of({"192.0.2.1"}));
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report), IsEmpty());
  EXPECT_THAT(ids(report.unknowns), Not(IsEmpty()));
}

TEST_P(SpfCheckWithoutAnswer, CannotTellWhatAnIncludeSays) {
  dns::Zone zone = dns::Zone::parse("example.org. TXT \"v=spf1 include:spf.example.com -all\"\nspf.example.com. TXT \"v=spf1 -all\"").value();
  zone.fail(name("spf.example.com"), GetParam());
  const auto report = check(zone, target_of({"192.0.2.1"}));
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report), IsEmpty());
  EXPECT_EQ(report.facts.at("evaluations").as_array().at(0).as_object().at("result"), "temperror");
  EXPECT_THAT(ids(report.unknowns), Contains("spf.not-evaluated"));
}

TEST_P(SpfCheckWithoutAnswer, StillKnowsTheRecordWhenMxFails) {
  dns::Zone zone = dns::Zone::parse("example.org. TXT \"v=spf1 mx -all\"\nexample.org. MX 10 mx.example.org.").value();
  zone.fail(name("example.org"), dns::Type::mx, GetParam());
  const auto report = check(zone, target_of({"192.0.2.1"}));
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Failures, SpfCheckWithoutAnswer,
                         testing::Values(dns::Status::serv_fail, dns::Status::timed_out, dns::Status::refused, dns::Status::bogus, dns::Status::malformed),
                         test::failure_name);

TEST(SpfCheck, CatalogueFitsTheCode) { test::expect_catalogue_fits_code("spf"); }

TEST(SpfEvaluate, TellsWhatIfTheRecordWereAnother) {
  dns::Zone zone = dns::Zone::parse("example.org. TXT \"v=spf1 -all\"\nspf.example.com. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"").value();
  spf::Query query;
  query.ip = address("192.0.2.1");
  query.sender = "user@example.org";
  EXPECT_EQ(test::run(spf::evaluate(query, zone)).result, spf::Result::fail);
  const std::string proposed = "v=spf1 include:spf.example.com -all";
  const auto evaluation = test::run(spf::evaluate_proposed(query, proposed, zone));
  EXPECT_EQ(evaluation.result, spf::Result::pass);
  EXPECT_EQ(evaluation.mechanism, "include:spf.example.com");
  EXPECT_THAT(evaluation.path, testing::ElementsAre("include:spf.example.com", "ip4:192.0.2.0/24"));
  EXPECT_EQ(evaluation.lookups, 1);
}

TEST(SpfEvaluate, TracesEveryTerm) {
  dns::Zone zone = dns::Zone::parse(R"(
example.org.      TXT "v=spf1 a:gone.example.org mx redirect=spf.example.com"
example.org.      MX  10 mx.example.org.
mx.example.org.   A   192.0.2.9
spf.example.com.  TXT "v=spf1 ip4:192.0.2.1 -all")").value();
  spf::Query query;
  query.ip = address("192.0.2.1");
  query.sender = "user@example.org";
  const auto evaluation = test::run(spf::evaluate(query, zone));
  EXPECT_EQ(evaluation.result, spf::Result::pass);
  EXPECT_EQ(evaluation.mechanism, "ip4:192.0.2.1");
  EXPECT_EQ(evaluation.lookups, 3);
  ASSERT_EQ(evaluation.void_lookups.size(), 1u);
  EXPECT_EQ(evaluation.void_lookups[0].name, "gone.example.org");
  EXPECT_EQ(boost::json::serialize(spf::to_json(evaluation.trace)),
            R"({"domain":"example.org","record":"v=spf1 a:gone.example.org mx redirect=spf.example.com","result":"pass","terms":[)"
            R"({"term":"a:gone.example.org","outcome":"no match","target":"gone.example.org","lookups":1,"void_lookups":1},)"
            R"({"term":"mx","outcome":"no match","target":"example.org","lookups":1,"names":["mx.example.org"],"addresses":["192.0.2.9"]},)"
            R"({"term":"redirect=spf.example.com","outcome":"match","target":"spf.example.com","lookups":1,"trace":)"
            R"({"domain":"spf.example.com","record":"v=spf1 ip4:192.0.2.1 -all","result":"pass","terms":[)"
            R"({"term":"ip4:192.0.2.1","outcome":"match"},{"term":"-all","outcome":"not evaluated"}]}}]})");
}
