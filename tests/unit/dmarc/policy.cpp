// What the policy does for a domain, the steps to a stricter one, and alignment: each finding, its counterpart, and the
// case that cannot be told.
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/dmarc/check.hpp"
#include "checks/dmarc/identifiers.hpp"
#include "checks/dmarc/ladder.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::UnorderedElementsAre;

namespace {

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }
dns::Zone zone_of(const std::string& text) { return dns::Zone::parse(text).value(); }

CheckReport check(dns::Zone zone, const Target& target) {
  test::DnsProbes probes(zone);
  CheckReport report = test::run(dmarc::check(target, probes));
  for (const auto* list : {&report.findings, &report.unknowns})
    for (const Finding& finding : *list)
      if (finding.id.starts_with("dmarc.")) test::expect_words_are_filled(finding);
  return report;
}
CheckReport check(dns::Zone zone, std::string_view domain = "example.org") {
  const Target target{.domain = name(domain)};
  return check(std::move(zone), target);
}
std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.emplace_back(finding.id);
  return out;
}
std::vector<std::string> found(const std::string& zone, std::string_view domain = "example.org") { return ids(check(zone_of(zone), domain).findings); }
const Finding* the(const CheckReport& report, std::string_view id) {
  for (const auto* list : {&report.findings, &report.unknowns})
    for (const Finding& finding : *list)
      if (finding.id == id) return &finding;
  return nullptr;
}
std::string arg(const CheckReport& report, std::string_view id, std::string_view key) {
  const Finding* finding = the(report, id);
  if (!finding) return "no such finding";
  for (const auto& [name, value] : finding->args)
    if (name == key) return value;
  return "no such argument";
}
std::string fact(const CheckReport& report, std::string_view name) { return boost::json::serialize(report.facts.at(name)); }

const std::string mail = "example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.1\nexample.org. TXT \"v=spf1 mx -all\"\n";
std::string record(const std::string& tags) { return "_dmarc.example.org. TXT \"v=DMARC1; " + tags + "\"\n"; }
const std::string rua = "; rua=mailto:a@example.org";
dmarc::Record parsed(const std::string& tags) { return dmarc::parse_record("v=DMARC1; " + tags).value(); }

/// Zone text with a TXT record as raw bytes, in strings of 255.
dns::Zone with_text(const std::string& owner, const std::string& text) {
  dns::Zone zone = zone_of(mail);
  dns::Record one;
  one.owner = name(owner);
  one.type = dns::Type::txt;
  dns::Txt txt;
  txt.text = text;
  one.data = txt;
  zone.add(std::move(one));
  return zone;
}

dmarc::AlignedIdentifier identifier(dmarc::Mechanism mechanism, std::string_view domain, std::optional<bool> passed, bool strict, std::optional<bool> relaxed) {
  dmarc::AlignedIdentifier out;
  out.identifier.mechanism = mechanism;
  out.identifier.domain = name(domain);
  out.identifier.passed = passed;
  out.alignment.strict = strict;
  out.alignment.relaxed = relaxed;
  if (relaxed) {
    out.alignment.author_organization = name("example.org");
    out.alignment.identifier_organization = name(*relaxed ? "example.org" : "example.com");
  }
  return out;
}
CheckReport judged(const std::vector<dmarc::AlignedIdentifier>& all, dmarc::Policy policy) {
  CheckReport report;
  dmarc::judge_identifiers(name("example.org"), all, policy, report);
  for (const auto* list : {&report.findings, &report.unknowns})
    for (const Finding& finding : *list) test::expect_words_are_filled(finding);
  return report;
}

constexpr auto by_spf = dmarc::Mechanism::spf;
constexpr auto by_dkim = dmarc::Mechanism::dkim;

}  // namespace

TEST(DmarcLadder, GoesOneStepAtATime) {
  const auto next = [](const std::string& tags) { return dmarc::next_step(parsed(tags + rua)); };
  EXPECT_EQ(next("p=none"), dmarc::Step::test);
  EXPECT_EQ(next("p=quarantine; t=y"), dmarc::Step::quarantine);
  EXPECT_EQ(next("p=quarantine"), dmarc::Step::reject);
  EXPECT_EQ(next("p=reject; t=y"), dmarc::Step::reject);
  EXPECT_EQ(next("p=reject"), dmarc::Step::nothing);
  EXPECT_EQ(next("p=quarantine; sp=nothing"), dmarc::Step::nothing);
  EXPECT_EQ(dmarc::next_step(parsed("p=none")), dmarc::Step::nothing) << "nobody would see what it does";
}

TEST(DmarcLadder, KeepsWhatTheRecordSays) {
  EXPECT_EQ(dmarc::with_policy(parsed("p=none;  sp=none; pct=10; ri=60; rua=mailto:a@example.org ;adkim=s;"), dmarc::Policy::quarantine, true),
            "v=DMARC1; p=quarantine; t=y; sp=none; rua=mailto:a@example.org; adkim=s");
  EXPECT_EQ(dmarc::with_policy(parsed("p=quarantine; t=y; junk"), dmarc::Policy::quarantine, false), "v=DMARC1; p=quarantine; junk");
}

TEST(DmarcPolicy, NamesTheNextStepWithItsRecord) {
  const auto step = [](const std::string& tags, std::string_view id) { return arg(check(zone_of(mail + record(tags + rua))), id, "record"); };
  EXPECT_EQ(step("p=none", "dmarc.next-step-test"), "v=DMARC1; p=quarantine; t=y" + rua);
  EXPECT_EQ(step("p=quarantine; t=y", "dmarc.next-step-quarantine"), "v=DMARC1; p=quarantine" + rua);
  EXPECT_EQ(step("p=quarantine", "dmarc.next-step-reject"), "v=DMARC1; p=reject" + rua);
  EXPECT_EQ(fact(check(zone_of(mail + record("p=none" + rua))), "next_step"), R"("p=quarantine; t=y")");
  EXPECT_THAT(found(mail + record("p=reject" + rua)), IsEmpty());
}

TEST(DmarcPolicy, ParkedDomainsNeedReject) {
  const std::string nobody = "example.org. TXT \"v=spf1 -all\"\n";
  const std::string null_mx = "example.org. MX 0 .\n";
  EXPECT_THAT(found(nobody + null_mx + record("p=none")), IsSupersetOf({"dmarc.parked", "dmarc.policy-none"}));
  EXPECT_THAT(found(nobody + record("p=reject; sp=none")), Contains("dmarc.parked"));
  EXPECT_THAT(found(nobody + record("p=quarantine" + rua)), Not(Contains("dmarc.next-step-reject")));
  EXPECT_EQ(arg(check(zone_of(nobody + record("p=none; rua=mailto:a@example.org,mailto:b@example.org"))), "dmarc.parked", "record"),
            "v=DMARC1; p=reject; rua=mailto:a@example.org,mailto:b@example.org");
  EXPECT_THAT(found(nobody + null_mx + record("p=reject")), Not(Contains("dmarc.parked")));
  EXPECT_THAT(found(mail + record("p=none")), Not(Contains("dmarc.parked")));
  EXPECT_THAT(found(nobody + "example.org. MX 10 mx.example.org.\n" + record("p=none")), Not(Contains("dmarc.parked"))) << "it takes mail";
  EXPECT_THAT(found(null_mx + record("p=none")), Not(Contains("dmarc.parked"))) << "without SPF nothing says that it does not send";
  EXPECT_EQ(arg(check(zone_of(nobody)), "dmarc.missing", "record"), "v=DMARC1; p=reject");
}

TEST(DmarcPolicy, SaysThatTheRecordIsKeptLong) {
  const std::string week = "_dmarc.example.org. 604800 TXT \"v=DMARC1; ";
  EXPECT_EQ(arg(check(zone_of(mail + week + "p=none\"")), "dmarc.long-ttl", "hours"), "168");
  EXPECT_THAT(found(mail + week + "p=reject" + rua + "\""), Not(Contains("dmarc.long-ttl"))) << "no change is planned";
  EXPECT_THAT(found(mail + record("p=none")), Not(Contains("dmarc.long-ttl")));
}

TEST(DmarcPolicy, ToldFailureReportsApart) {
  EXPECT_THAT(found(mail + record("p=reject; ruf=mailto:a@example.org" + rua)), UnorderedElementsAre("dmarc.failure-reports"));
  EXPECT_THAT(found(mail + record("p=reject; ruf=nowhere" + rua)), Not(Contains("dmarc.failure-reports")));
}

TEST(DmarcPolicy, AsksWhetherTheAuthorDomainExists) {
  const std::string parent = mail + record("p=reject; sp=none; np=reject" + rua);
  const auto nowhere = check(zone_of(parent), "new.example.org");
  EXPECT_EQ(arg(nowhere, "dmarc.domain-does-not-exist", "policy"), "reject");
  EXPECT_EQ(arg(nowhere, "dmarc.domain-does-not-exist", "from"), "np");
  EXPECT_EQ(fact(nowhere, "policy"), R"("reject")");
  EXPECT_EQ(fact(nowhere, "author_domain"), R"({"exists":false,"exists_by_rfc9091":false,"parked":false})");

  const auto empty = check(zone_of(parent + "new.example.org. TXT \"hello\"\n"), "new.example.org");
  EXPECT_EQ(arg(empty, "dmarc.existence-differs", "existing"), "none");
  EXPECT_EQ(arg(empty, "dmarc.existence-differs", "nonexistent"), "reject");
  EXPECT_EQ(fact(empty, "policy"), R"("none")");

  const auto host = check(zone_of(parent + "new.example.org. A 192.0.2.2\n"), "new.example.org");
  EXPECT_EQ(fact(host, "author_domain"), R"({"exists":true,"exists_by_rfc9091":true,"parked":false})");
  EXPECT_FALSE(the(host, "dmarc.domain-does-not-exist") || the(host, "dmarc.existence-differs"));
  const auto same = check(zone_of(mail + record("p=reject" + rua) + "new.example.org. TXT \"hello\"\n"), "new.example.org");
  EXPECT_FALSE(the(same, "dmarc.existence-differs")) << "either way it is reject";
}

TEST(DmarcPolicy, ShowsBothStandards) {
  // A bad np spoils the policy by RFC 9989 and is unknown to RFC 7489.
  const auto differs = check(zone_of(mail + record("p=reject; np=never" + rua)));
  EXPECT_EQ(arg(differs, "dmarc.standards-differ", "policy"), "none");
  EXPECT_EQ(arg(differs, "dmarc.standards-differ", "old-policy"), "reject");
  EXPECT_FALSE(the(check(zone_of(mail + record("p=reject" + rua))), "dmarc.standards-differ"));
  // The record of a subdomain speaks for itself; names below it follow the organization's.
  const std::string two = mail + record("p=reject; sp=quarantine; np=reject" + rua) + "_dmarc.a.example.org. TXT \"v=DMARC1; p=none; sp=none\"\na.example.org. A 192.0.2.2\n";
  EXPECT_EQ(fact(check(zone_of(two), "a.example.org"), "effective"),
            R"({"rfc9989":{"domain":{"policy":"none","from":"p"},"existing_subdomain":{"policy":"quarantine","from":"sp"},"nonexistent_subdomain":{"policy":"reject","from":"np"}},)"
            R"("rfc7489":{"domain":{"policy":"none","from":"p"},"existing_subdomain":{"policy":"quarantine","from":"sp"},"nonexistent_subdomain":{"policy":"quarantine","from":"sp"}}})");
}

TEST(DmarcAlignmentOfADomain, HoldsTheEnvelopeSenderAgainstTheAuthor) {
  const std::string zone = mail + record("p=reject" + rua);
  Target target{.domain = name("example.org")};
  target.mail_from = name("bounce.example.org");
  EXPECT_THAT(ids(check(zone_of(zone), target).findings), UnorderedElementsAre("dmarc.identifier-differs"));
  const auto strict = check(zone_of(mail + record("p=reject; aspf=s" + rua)), target);
  EXPECT_THAT(ids(strict.findings), UnorderedElementsAre("dmarc.strict-alignment"));
  EXPECT_EQ(the(strict, "dmarc.strict-alignment")->severity, Severity::warning) << "DKIM may carry it";
  target.mail_from = name("mailer.example.com");
  const auto foreign = check(zone_of(zone), target);
  EXPECT_THAT(ids(foreign.findings), UnorderedElementsAre("dmarc.not-aligned"));
  EXPECT_EQ(the(foreign, "dmarc.not-aligned")->severity, Severity::info);
  dns::Zone silent = zone_of(zone);
  silent.fail(name("_dmarc.mailer.example.com"), dns::Status::timed_out);
  const auto unknown = check(std::move(silent), target);
  EXPECT_THAT(ids(unknown.unknowns), Contains("dmarc.alignment-unknown"));
  EXPECT_THAT(ids(unknown.findings), IsEmpty());
  target.mail_from.reset();
  EXPECT_THAT(ids(check(zone_of(zone), target).findings), IsEmpty());
}

TEST(DmarcAlignmentOfADomain, SeesThatOnlySpfIsLeft) {
  Target target{.domain = name("example.org")};
  target.selectors = {"one", "two"};
  const std::string zone = mail + record("p=reject" + rua);
  const auto bare = check(zone_of(zone), target);
  EXPECT_EQ(the(bare, "dmarc.rests-on-spf")->severity, Severity::critical);
  EXPECT_EQ(the(check(zone_of(mail + record("p=none" + rua)), target), "dmarc.rests-on-spf")->severity, Severity::warning);
  EXPECT_FALSE(the(check(zone_of(mail + record("p=none" + rua)), target), "dmarc.next-step-test")) << "first DKIM, then a stricter policy";
  EXPECT_THAT(ids(check(zone_of(zone + "two._domainkey.example.org. TXT \"v=DKIM1; p=AAAA\"\n"), target).findings), IsEmpty());
  dns::Zone silent = zone_of(zone);
  silent.fail(name("two._domainkey.example.org"), dns::Status::serv_fail);
  EXPECT_THAT(ids(check(std::move(silent), target).findings), IsEmpty());
  const std::string without_spf = "example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.1\n" + record("p=reject" + rua);
  EXPECT_THAT(ids(check(zone_of(without_spf), target).findings), UnorderedElementsAre("dmarc.cannot-pass"));
  EXPECT_THAT(ids(check(zone_of(without_spf + "example.org. TXT \"v=spf1 -all\"\n"), target).findings), UnorderedElementsAre("dmarc.cannot-pass"));
}

TEST(DmarcIdentifiers, GiveTheVerdict) {
  using dmarc::Verdict;
  EXPECT_EQ(dmarc::verdict({}), Verdict::fail);
  const auto of = [](std::vector<dmarc::AlignedIdentifier> all) { return dmarc::verdict(all); };
  EXPECT_EQ(of({identifier(by_spf, "example.com", true, false, false), identifier(by_dkim, "example.org", true, true, true)}), Verdict::pass);
  EXPECT_EQ(of({identifier(by_spf, "example.com", true, false, false), identifier(by_dkim, "example.org", false, true, true)}), Verdict::fail);
  EXPECT_EQ(of({identifier(by_spf, "example.com", true, false, std::nullopt)}), Verdict::unknown);
  EXPECT_EQ(of({identifier(by_spf, "example.org", std::nullopt, true, true)}), Verdict::unknown);
}

TEST(DmarcIdentifiers, AreJudgedForAMessage) {
  const auto own = identifier(by_dkim, "example.org", true, true, true);
  EXPECT_THAT(ids(judged({identifier(by_spf, "example.org", true, true, true), own}, dmarc::Policy::reject).findings), IsEmpty());
  const auto only = judged({identifier(by_spf, "example.org", true, true, true), identifier(by_dkim, "example.com", true, false, false)}, dmarc::Policy::quarantine);
  EXPECT_THAT(ids(only.findings), UnorderedElementsAre("dmarc.not-aligned", "dmarc.rests-on-spf"));
  auto sub = identifier(by_dkim, "a.example.org", true, false, true);
  EXPECT_THAT(ids(judged({sub}, dmarc::Policy::none).findings), UnorderedElementsAre("dmarc.identifier-differs"));
  sub.mode = dmarc::AlignmentMode::strict;
  const auto strict = judged({sub}, dmarc::Policy::reject);
  EXPECT_THAT(ids(strict.findings), UnorderedElementsAre("dmarc.strict-alignment", "dmarc.cannot-pass"));
  EXPECT_EQ(the(strict, "dmarc.strict-alignment")->severity, std::nullopt) << "nothing else carries it: the catalogue's error";
  EXPECT_EQ(the(judged({}, dmarc::Policy::none), "dmarc.cannot-pass")->severity, Severity::error);
  EXPECT_THAT(ids(judged({identifier(by_dkim, "example.com", true, false, std::nullopt)}, dmarc::Policy::reject).unknowns), ElementsAre("dmarc.alignment-unknown"));
  EXPECT_EQ(boost::json::serialize(dmarc::to_json(std::vector{sub})),
            R"([{"mechanism":"dkim","identifier":"a.example.org","passed":true,"mode":"strict","aligned":false,"aligned_by_rfc7489":false,)"
            R"("reason":"the same organization, example.org, where the policy wants the same domain"}])");
}

TEST(DmarcIdentifiers, NeedOneAuthor) {
  const auto author = [](const std::vector<std::vector<dns::Name>>& fields, CheckReport& report) { return dmarc::author_of(fields, report); };
  CheckReport report;
  EXPECT_EQ(author({{name("example.org")}}, report), name("example.org"));
  EXPECT_EQ(author({{name("example.org"), name("example.org")}}, report), name("example.org")) << "several addresses of one domain";
  EXPECT_THAT(report.findings, IsEmpty());
  const std::vector<std::vector<dns::Name>> unclear[] = {{}, {{}}, {{name("example.org")}, {name("example.org")}}, {{name("example.org"), name("example.com")}}};
  for (const auto& fields : unclear) {
    CheckReport one;
    EXPECT_EQ(author(fields, one), std::nullopt);
    EXPECT_THAT(ids(one.findings), ElementsAre("dmarc.author-unclear"));
    for (const Finding& finding : one.findings) test::expect_words_are_filled(finding);
  }
}

TEST(DmarcBadInput, WrongTextIsNoPolicy) {
  const auto wrong = check(with_text("_dmarc.example.org", "\xff\xfev=DMARC1; p=reject"));
  EXPECT_THAT(ids(wrong.findings), UnorderedElementsAre("dmarc.version"));
  EXPECT_EQ(fact(wrong, "policy"), "null");
  const auto inside = check(with_text("_dmarc.example.org", "v=DMARC1; p=reject; \xc3\x28=1; rua=mailto:a@example.org"));
  EXPECT_THAT(ids(inside.findings), UnorderedElementsAre("dmarc.syntax"));
}

TEST(DmarcBadInput, SizesAreBounded) {
  dns::Zone many = zone_of(mail + record("p=reject" + rua));
  for (int i = 0; i < 450; ++i) {
    dns::Record one;
    one.owner = name("_dmarc.example.org");
    one.type = dns::Type::txt;
    dns::Txt txt;
    txt.text = "verification " + std::to_string(i);
    one.data = txt;
    many.add(std::move(one));
  }
  EXPECT_THAT(ids(check(std::move(many)).findings), UnorderedElementsAre("dmarc.other-text"));
  std::string tags = "v=DMARC1; p=reject; rua=mailto:a@example.org";
  for (int i = 0; i < 9000; ++i) tags += ";x" + std::to_string(i) + "=";
  EXPECT_LE(check(with_text("_dmarc.example.org", tags)).findings.size(), dmarc::max_problems + 1);
  std::string uris = "v=DMARC1; p=reject; rua=mailto:a@example.org";
  for (int i = 0; i < 2000; ++i) uris += ",mailto:a@d" + std::to_string(i) + ".example";
  dns::Zone zone = with_text("_dmarc.example.org", uris);
  test::DnsProbes probes(zone);
  const Target target{.domain = name("example.org")};
  const CheckReport report = test::run(dmarc::check(target, probes));
  EXPECT_THAT(ids(report.unknowns), Contains("dmarc.destinations-not-asked"));
  EXPECT_LT(zone.questions(), 150u);
}

TEST(DmarcBadInput, LoopsCannotBeTold) {
  const auto loop = check(zone_of(mail + "_dmarc.example.org. CNAME b.example.org.\nb.example.org. CNAME _dmarc.example.org.\n"));
  EXPECT_EQ(loop.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(loop.findings), Not(Contains("dmarc.missing")));
  EXPECT_EQ(fact(loop, "policy"), "null");
}

TEST(DmarcBadInput, AWildcardWithARecordSpeaksForTheNamesBelow) {
  const auto wild = check(zone_of("*.example.org. TXT \"v=DMARC1; p=reject; rua=mailto:a@example.org\"\n" + mail));
  EXPECT_EQ(fact(wild, "policy"), R"("reject")");
  EXPECT_THAT(ids(wild.findings), Not(Contains("dmarc.missing")));
}

class DmarcPolicyWithoutAnswer : public testing::TestWithParam<dns::Status> {};

TEST_P(DmarcPolicyWithoutAnswer, CannotTellAboutParking) {
  dns::Zone zone = zone_of("example.org. TXT \"v=spf1 -all\"\n" + record("p=none"));
  zone.fail(name("example.org"), dns::Type::mx, GetParam());
  const auto report = check(std::move(zone));
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report.findings), Not(Contains("dmarc.parked")));
}

TEST_P(DmarcPolicyWithoutAnswer, CannotTellWhetherTheDomainExists) {
  dns::Zone zone = zone_of(mail + record("p=reject; sp=none; np=reject" + rua) + "new.example.org. TXT \"hello\"\n");
  zone.fail(name("new.example.org"), GetParam());
  const auto report = check(std::move(zone), "new.example.org");
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_EQ(fact(report, "policy"), "null");
  EXPECT_FALSE(the(report, "dmarc.domain-does-not-exist") || the(report, "dmarc.existence-differs"));
  dns::Zone half = zone_of(mail + record("p=reject; sp=none; np=reject" + rua) + "new.example.org. TXT \"hello\"\n");
  half.fail(name("new.example.org"), dns::Type::aaaa, GetParam());
  const auto by_half = check(std::move(half), "new.example.org");
  EXPECT_EQ(by_half.outcome, Outcome::inconclusive);
  EXPECT_FALSE(the(by_half, "dmarc.existence-differs"));
}

TEST_P(DmarcPolicyWithoutAnswer, CannotTellWhetherADestinationIsDead) {
  dns::Zone zone = zone_of(mail + record("p=reject" + rua));
  zone.fail(name("mx.example.org"), GetParam());
  const auto report = check(std::move(zone));
  EXPECT_THAT(ids(report.unknowns), Contains("dmarc.destination-unknown"));
  EXPECT_THAT(ids(report.findings), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Failures, DmarcPolicyWithoutAnswer,
                         testing::Values(dns::Status::serv_fail, dns::Status::timed_out, dns::Status::refused, dns::Status::bogus, dns::Status::malformed),
                         test::failure_name);
