// What the check makes of chains, and of a resolver's word; and what a resolver is fit for.
#include <gmock/gmock.h>

#include "checks/dnssec/check.hpp"
#include "lib/dns/chain_of_trust.hpp"
#include "lib/dns/fitness.hpp"
#include "lib/dns/validating_resolver.hpp"
#include "lib/dns/zone.hpp"
#include "signed_world.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"

namespace mailmedic::test {
namespace {

using testing::IsEmpty;
using std::chrono::days;

const Finding* find(const std::vector<Finding>& in, std::string_view id) {
  const auto found = std::find_if(in.begin(), in.end(), [&](const Finding& one) { return one.id == id; });
  return found == in.end() ? nullptr : &*found;
}

ZoneSpec good() { return {.name = "good.test", .records = {"@ MX 10 mail", "mail A 192.0.2.1", "@ A 192.0.2.2", "@ TXT \"v=spf1 -all\""}}; }

/// --validate for good.test, signed as `spec` says.
CheckReport validated(const ZoneSpec& spec, const std::function<void(SignedWorld&)>& change = [](SignedWorld&) {}) {
  SignedWorld world({ZoneSpec{.name = ".", .records = {}}, ZoneSpec{.name = "test", .records = {}}, spec});
  change(world);
  const auto chain = dns::ChainOfTrust::make(world, world.anchor(), today).value();
  dns::ValidatingResolver resolver(world, *chain);
  DnsProbes wrapped(resolver, today);
  Probes& probes = wrapped;
  probes.chain = chain.get();
  const Target target{.domain = name("good.test")};
  CheckReport report = run(dnssec::check(target, probes));
  for (const auto* list : {&report.findings, &report.unknowns})
    for (const Finding& one : *list) {
      EXPECT_FALSE(one.evidence.empty());
      if (one.id.starts_with("dnssec.")) expect_words_are_filled(one);
    }
  return report;
}

constexpr const char* usual = ". SOA a. b. 1 2 3 4 5\n. NS ns.\ngood.test. MX 10 mail.good.test.\nmail.good.test. A 192.0.2.1\n";

/// By the word of a resolver.
CheckReport believed(bool authentic, const std::function<void(dns::Zone&)>& change = [](dns::Zone&) {}) {
  dns::Zone zone = dns::Zone::parse(usual).value();
  zone.set_authentic(authentic);
  change(zone);
  DnsProbes probes(zone, today);
  const Target target{.domain = name("good.test")};
  return run(dnssec::check(target, probes));
}

dns::Fitness fitness(bool authentic, const std::string& more, std::optional<dns::Status> bad = std::nullopt) {
  dns::Zone zone = dns::Zone::parse(usual + more).value();
  zone.set_authentic(authentic);
  if (bad) zone.fail(name("dnssec-failed.org"), *bad);
  return run(dns::measure_fitness(zone, name("dnssec-failed.org")));
}

}  // namespace

TEST(Dnssec, AGoodChainIsFine) {
  const CheckReport report = validated(good());
  EXPECT_EQ(report.outcome, Outcome::ran);
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.facts.at("names").as_array().at(0).at("security"), "secure");
}

TEST(Dnssec, NotSignedIsNoFault) {
  ZoneSpec spec = good();
  spec.is_signed = false;
  const CheckReport report = validated(spec);
  EXPECT_EQ(report.outcome, Outcome::ran);
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.facts.at("names").as_array().at(0).at("security"), "insecure");
}

TEST(Dnssec, BrokenLinks) {
  ZoneSpec expired = good(), mismatched = good();
  expired.ends = today - days(1);
  mismatched.ds = ZoneSpec::Ds::wrong_digest;
  for (const ZoneSpec& spec : {expired, mismatched}) {
    const CheckReport report = validated(spec);
    const Finding* broken = find(report.findings, "dnssec.broken");
    ASSERT_TRUE(broken);
    EXPECT_EQ(broken->subject, "good.test");
    EXPECT_EQ(report.findings.size(), 1u) << "once for all names below";
  }
  EXPECT_FALSE(find(validated(good()).findings, "dnssec.broken"));
}

TEST(Dnssec, BrokenRecordsInAGoodChain) {
  const CheckReport report = validated(good(), [](SignedWorld& world) {
    world.tamper = [](const dns::Name& of, dns::Type type, ldns_pkt* reply) {
      if (of == name("good.test") && type == dns::Type::txt) ldns_rr_free(ldns_rr_list_pop_rr(ldns_pkt_answer(reply)));
    };
  });
  EXPECT_TRUE(find(report.findings, "dnssec.broken"));
}

TEST(Dnssec, WhatIsNotAnsweredIsNotBroken) {
  const CheckReport report = validated(good(), [](SignedWorld& world) { world.failing[{name("good.test"), dns::Type::dnskey}] = dns::Status::timed_out; });
  EXPECT_FALSE(find(report.findings, "dnssec.broken"));
  EXPECT_TRUE(find(report.unknowns, "dnssec.not-measured"));
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_FALSE(find(validated(good()).unknowns, "dnssec.not-measured"));
}

TEST(Dnssec, WeakAlgorithmsAndDigests) {
  ZoneSpec sha1 = good(), old = good();
  sha1.ds = ZoneSpec::Ds::sha1;
  old.algorithm = LDNS_SIGN_RSASHA1;
  EXPECT_TRUE(find(validated(sha1).findings, "dnssec.weak"));
  EXPECT_TRUE(find(validated(old).findings, "dnssec.weak"));
  EXPECT_FALSE(find(validated(good()).findings, "dnssec.weak"));
}

TEST(Dnssec, SignaturesThatEndSoon) {
  ZoneSpec soon = good(), later = good();
  soon.ends = today + std::chrono::hours(20);
  later.ends = today + days(3);
  EXPECT_TRUE(find(validated(soon).findings, "dnssec.expires"));
  EXPECT_FALSE(find(validated(later).findings, "dnssec.expires"));
}

TEST(Dnssec, ByTheWordOfAResolver) {
  EXPECT_THAT(believed(true).findings, IsEmpty());
  EXPECT_THAT(believed(false).findings, IsEmpty());
  EXPECT_FALSE(believed(false).facts.contains("names")) << "its word is worth nothing";
  const CheckReport bogus = believed(true, [](dns::Zone& zone) { zone.fail(name("mail.good.test"), dns::Type::a, dns::Status::bogus); });
  EXPECT_TRUE(find(bogus.findings, "dnssec.broken"));
  const CheckReport failing = believed(true, [](dns::Zone& zone) { zone.fail(name("mail.good.test"), dns::Type::a, dns::Status::serv_fail); });
  EXPECT_FALSE(find(failing.findings, "dnssec.broken")) << "SERVFAIL has many reasons";
}

TEST(Fitness, Validation) {
  using dns::Validation;
  EXPECT_EQ(fitness(true, "", dns::Status::serv_fail).validation, Validation::proved);
  EXPECT_EQ(fitness(true, "", dns::Status::bogus).validation, Validation::proved);
  EXPECT_EQ(fitness(true, "").validation, Validation::claimed) << "the name does not exist in its world";
  EXPECT_EQ(fitness(true, "", dns::Status::timed_out).validation, Validation::claimed);
  EXPECT_EQ(fitness(true, "dnssec-failed.org. A 192.0.2.1\n").validation, Validation::none);
  EXPECT_EQ(fitness(false, "", dns::Status::serv_fail).validation, Validation::none);
  dns::Zone dead = dns::Zone::parse(usual).value();
  dead.fail(dns::Name(), dns::Status::timed_out);
  EXPECT_EQ(run(dns::measure_fitness(dead, name("dnssec-failed.org"))).validation, Validation::unknown);
}

TEST(Fitness, RewritesNamesThatCannotExist) {
  EXPECT_TRUE(fitness(false, "*.invalid. A 192.0.2.80\n").rewrites_absence);
  EXPECT_FALSE(fitness(false, "").rewrites_absence);
}

TEST(Fitness, KnowsPublicServices) {
  EXPECT_EQ(dns::public_resolver(net::parse_address("8.8.8.8").value()), "Google Public DNS");
  EXPECT_EQ(dns::public_resolver(net::parse_address("2620:fe::fe").value()), "Quad9");
  EXPECT_EQ(dns::public_resolver(net::parse_address("192.0.2.53").value()), "");
}

TEST(Dnssec, CatalogueFitsTheCode) { expect_catalogue_fits_code("dnssec"); }

}  // namespace mailmedic::test
