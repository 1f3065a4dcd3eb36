// Checks mx and reverse_dns: zone text in, findings out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/mx/check.hpp"
#include "checks/reverse_dns/check.hpp"
#include "checks/sender_domain/check.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }
net::Address ip(std::string_view text) { return net::parse_address(text).value(); }

std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) {
    test::expect_words_are_filled(finding);
    out.emplace_back(finding.id);
  }
  return out;
}

using Run = asio::awaitable<CheckReport> (*)(const Target&, Probes&);

CheckReport check(Run run, const dns::Zone& zone, const Target& target) {
  dns::Zone resolver = zone;
  test::DnsProbes probes(resolver);
  return test::run(run(target, probes));
}

CheckReport mx_of(std::string_view zone_text, bool private_world = true) {
  return check(mx::check, dns::Zone::parse(zone_text).value(), {.domain = name("example.org"), .private_world = private_world});
}

}  // namespace

TEST(Mx, TwoHostsAreFine) {
  const auto report = mx_of("example.org. MX 10 a.example.org.\nexample.org. MX 20 b.example.org.\na.example.org. A 192.0.2.1\nb.example.org. A 192.0.2.2\n");
  EXPECT_THAT(ids(report.findings), IsEmpty());
  EXPECT_EQ(report.outcome, Outcome::ran);
}

TEST(Mx, NothingNullAndImplicit) {
  EXPECT_THAT(ids(mx_of("other.org. A 192.0.2.1\n").findings), ElementsAre("mx.no-such-domain"));
  EXPECT_THAT(ids(mx_of("example.org. TXT x\n").findings), ElementsAre("mx.none"));
  EXPECT_THAT(ids(mx_of("example.org. MX 0 .\n").findings), ElementsAre("mx.null"));
  EXPECT_THAT(ids(mx_of("example.org. A 192.0.2.1\n").findings), Contains("mx.implicit"));
  EXPECT_THAT(ids(mx_of("example.org. MX 0 .\nexample.org. MX 10 a.org.\na.org. A 192.0.2.1\na.org. AAAA 2001:db8::1\n").findings),
              ElementsAre("mx.null-among-others"));
}

TEST(Mx, BadHosts) {
  EXPECT_THAT(ids(mx_of("example.org. MX 10 gone.org.\n").findings), UnorderedElementsAre("mx.host-without-address", "mx.none-usable"));
  EXPECT_THAT(ids(mx_of("example.org. MX 10 192.0.2.1.\n").findings), UnorderedElementsAre("mx.address-literal", "mx.none-usable"));
  EXPECT_THAT(ids(mx_of("example.org. MX 10 al.org.\nal.org. CNAME a.org.\na.org. A 192.0.2.1\na.org. AAAA 2001:db8::1\n").findings), ElementsAre("mx.alias"));
}

TEST(Mx, AddressesOfSpecialUseAreJudgedOutsideALaboratory) {
  const std::string_view zone = "example.org. MX 10 a.org.\na.org. A 10.0.0.1\na.org. A 8.8.8.8\n";
  EXPECT_THAT(ids(mx_of(zone, false).findings), ElementsAre("mx.special-address"));
  EXPECT_THAT(ids(mx_of(zone, true).findings), IsEmpty());
}

class DnsFailure : public testing::TestWithParam<dns::Status> {};
INSTANTIATE_TEST_SUITE_P(Dns, DnsFailure, testing::Values(dns::Status::serv_fail, dns::Status::timed_out, dns::Status::refused, dns::Status::bogus, dns::Status::malformed),
                         test::failure_name);

TEST_P(DnsFailure, OfMxIsNoMissingMx) {
  auto zone = dns::Zone::parse("example.org. MX 10 a.org.\na.org. A 192.0.2.1\n").value();
  zone.fail(name("example.org"), GetParam());
  const auto report = check(mx::check, zone, {.domain = name("example.org")});
  EXPECT_THAT(ids(report.findings), IsEmpty());
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report.unknowns), Contains(GetParam() == dns::Status::bogus ? "dns.bogus" : "dns.no-answer"));
}

TEST_P(DnsFailure, OfAHostIsNoMissingHost) {
  auto zone = dns::Zone::parse("example.org. MX 10 a.org.\na.org. A 192.0.2.1\n").value();
  zone.fail(name("a.org"), GetParam());
  const auto report = check(mx::check, zone, {.domain = name("example.org"), .private_world = true});
  EXPECT_THAT(ids(report.findings), IsEmpty());
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
}

TEST_P(DnsFailure, OfPtrIsNoMissingPtr) {
  dns::Zone zone;
  zone.fail(name("25.2.0.192.in-addr.arpa"), GetParam());
  const auto report = check(reverse_dns::check, zone, {.domain = name("example.org"), .sending_addresses = {ip("192.0.2.25")}});
  EXPECT_THAT(ids(report.findings), IsEmpty());
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
}

TEST_P(DnsFailure, OfTheForwardLookupIsNoMismatch) {
  auto zone = dns::Zone::parse("25.2.0.192.in-addr.arpa. PTR mail.example.org.\n").value();
  zone.fail(name("mail.example.org"), GetParam());
  const auto report = check(reverse_dns::check, zone, {.domain = name("example.org"), .sending_addresses = {ip("192.0.2.25")}});
  EXPECT_THAT(ids(report.findings), IsEmpty());
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
}

namespace {
CheckReport identity(std::string_view zone_text, std::optional<std::string> helo = {}, std::string_view address = "192.0.2.25") {
  return check(reverse_dns::check, dns::Zone::parse(zone_text).value(),
               {.domain = name("example.org"), .sending_addresses = {ip(address)}, .helo = std::move(helo)});
}
constexpr std::string_view good = "25.2.0.192.in-addr.arpa. PTR mail.example.org.\nmail.example.org. A 192.0.2.25\n";
}  // namespace

TEST(ReverseDns, ConfirmedIsFine) {
  EXPECT_THAT(ids(identity(good, "mail.example.org").findings), IsEmpty());
  EXPECT_THAT(ids(identity("5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR m.example.org.\nm.example.org. AAAA 2001:db8::25\n",
                           "m.example.org", "2001:db8::25").findings), IsEmpty());
}

TEST(ReverseDns, MissingUnconfirmedGeneric) {
  EXPECT_THAT(ids(identity("x. A 192.0.2.1\n").findings), ElementsAre("reverse_dns.missing"));
  EXPECT_THAT(ids(identity("25.2.0.192.in-addr.arpa. PTR mail.example.org.\nmail.example.org. A 192.0.2.26\n").findings), ElementsAre("reverse_dns.not-confirmed"));
  EXPECT_THAT(ids(identity("25.2.0.192.in-addr.arpa. PTR host-192-0-2-25.dyn.isp.net.\nhost-192-0-2-25.dyn.isp.net. A 192.0.2.25\n").findings),
              ElementsAre("reverse_dns.generic-name"));
}

TEST(ReverseDns, OneOfSeveralNamesMayConfirm) {
  EXPECT_THAT(ids(identity("25.2.0.192.in-addr.arpa. PTR a.org.\n25.2.0.192.in-addr.arpa. PTR mail.example.org.\nmail.example.org. A 192.0.2.25\n").findings), IsEmpty());
}

TEST(ReverseDns, TheNameInEhlo) {
  for (const auto* bad : {"localhost", "mail", "192.0.2.25", "mail_1.example.org", "mail.localdomain", "[not an address]"})
    EXPECT_THAT(ids(identity(good, bad).findings), ElementsAre("reverse_dns.helo-malformed")) << bad;
  EXPECT_THAT(ids(identity(good, "[8.8.4.4]").findings), ElementsAre("reverse_dns.helo-literal"));
  EXPECT_THAT(ids(identity(good, "other.example.org").findings), ElementsAre("reverse_dns.helo-elsewhere"));
  EXPECT_THAT(ids(identity(std::string(good) + "out.example.org. A 192.0.2.25\n", "out.example.org").findings), ElementsAre("reverse_dns.helo-differs"));
}

TEST(ReverseDns, NothingToJudgeWithoutAddress) {
  EXPECT_EQ(check(reverse_dns::check, dns::Zone(), {.domain = name("example.org")}).outcome, Outcome::not_applicable);
}

TEST(ReverseDns, ANameOfAnotherDomainIsANote) {
  const auto zone = dns::Zone::parse("25.2.0.192.in-addr.arpa. PTR mx.isp.example.\nmx.isp.example. A 192.0.2.25\n").value();
  const Target target{.domain = name("news.example.org"), .sending_addresses = {ip("192.0.2.25")}};
  EXPECT_THAT(ids(check(reverse_dns::check, zone, target).findings), ElementsAre("reverse_dns.unrelated"));
  const auto own = dns::Zone::parse("25.2.0.192.in-addr.arpa. PTR mx.example.org.\nmx.example.org. A 192.0.2.25\n").value();
  EXPECT_THAT(ids(check(reverse_dns::check, own, target).findings), IsEmpty());
}

TEST(ReverseDns, AnAddressBehindNatCannotBeToldOf) {
  const Target target{.domain = name("example.org"), .sending_addresses = {ip("10.0.0.5"), ip("100.64.1.1"), ip("fd00::5")}};
  const auto report = check(reverse_dns::check, dns::Zone::parse("x. A 192.0.2.1\n").value(), target);
  EXPECT_THAT(ids(report.findings), IsEmpty());
  EXPECT_THAT(ids(report.unknowns), ElementsAre("reverse_dns.behind-nat", "reverse_dns.behind-nat", "reverse_dns.behind-nat"));
  Target private_world = target;
  private_world.private_world = true;
  EXPECT_THAT(ids(check(reverse_dns::check, dns::Zone::parse("x. A 192.0.2.1\n").value(), private_world).findings), Contains("reverse_dns.missing"));
}

TEST(ReverseDns, TooManyNamesAreOdd) {
  std::string zone;
  for (int i = 0; i < 6; ++i) zone += "25.2.0.192.in-addr.arpa. PTR m" + std::to_string(i) + ".example.org.\nm" + std::to_string(i) + ".example.org. A 192.0.2.25\n";
  const Target target{.domain = name("example.org"), .sending_addresses = {ip("192.0.2.25")}};
  EXPECT_THAT(ids(check(reverse_dns::check, dns::Zone::parse(zone).value(), target).findings), ElementsAre("reverse_dns.many-names"));
}

TEST(ReverseDns, EachFamilyIsHeldAgainstTheNameInEhlo) {
  const auto zone = dns::Zone::parse(R"(
25.2.0.192.in-addr.arpa. PTR mx.example.org.
5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR mx6.example.org.
mx.example.org. A 192.0.2.25
mx6.example.org. AAAA 2001:db8::25
)").value();
  const Target target{.domain = name("example.org"), .sending_addresses = {ip("192.0.2.25"), ip("2001:db8::25")}, .helo = "mx.example.org"};
  const auto report = check(reverse_dns::check, zone, target);
  ASSERT_THAT(ids(report.findings), ElementsAre("reverse_dns.helo-elsewhere"));
  EXPECT_EQ(report.findings[0].subject, "2001:db8::25");
}

TEST(ReverseDns, WhatTheHostMustNotSay) {
  const auto zone = dns::Zone::parse("mail.gmail.com. A 192.0.2.9\n25.2.0.192.in-addr.arpa. PTR mx.example.org.\nmx.example.org. A 192.0.2.25\n").value();
  const auto said = [&](const std::string& helo, const char* address) {
    return ids(check(reverse_dns::check, zone, {.domain = name("example.org"), .sending_addresses = {ip(address)}, .helo = helo}).findings);
  };
  EXPECT_THAT(said("mail.gmail.com", "192.0.2.25"), UnorderedElementsAre("reverse_dns.helo-elsewhere", "reverse_dns.helo-of-receiver"));
  EXPECT_THAT(said("mail.gmail.com", "192.0.2.9"), testing::Not(Contains("reverse_dns.helo-of-receiver")));
  EXPECT_THAT(said("[10.0.0.5]", "192.0.2.25"), ElementsAre("reverse_dns.helo-private"));
  EXPECT_THAT(said("[8.8.4.4]", "192.0.2.25"), ElementsAre("reverse_dns.helo-literal"));
}

namespace {
CheckReport sender_of(const dns::Zone& zone, bool sends, std::optional<dns::Name> mail_from = {}) {
  Target target{.domain = name("news.example.org"), .mail_from = std::move(mail_from)};
  if (sends) target.sending_addresses = {ip("192.0.2.25")};
  return check(sender_domain::check, zone, target);
}
CheckReport sender_of(std::string_view zone_text, bool sends, std::optional<dns::Name> mail_from = {}) {
  return sender_of(dns::Zone::parse(zone_text).value(), sends, std::move(mail_from));
}
constexpr std::string_view apex = "example.org. SOA ns.example.org. admin.example.org. 1 3600 600 86400 300\n";
}  // namespace

TEST(SenderDomain, AnSoaAboveIsEnough) {
  const auto report = sender_of(std::string(apex) + "news.example.org. MX 10 mx.example.org.\n", true);
  EXPECT_THAT(ids(report.findings), IsEmpty());
  EXPECT_EQ(report.facts.at("domains").as_array().at(0).at("zone").as_string(), "example.org");
}

TEST(SenderDomain, WithoutAnySoaYahooSaysThatItDoesNotExist) {
  EXPECT_THAT(ids(sender_of("news.example.org. MX 10 mx.example.org.\n", false).findings), ElementsAre("sender_domain.no-soa"));
}

TEST(SenderDomain, WhoSendsMustTakeMail) {
  const std::string null_mx = std::string(apex) + "news.example.org. MX 0 .\n", nothing = std::string(apex) + "news.example.org. TXT x\n";
  EXPECT_THAT(ids(sender_of(null_mx, true).findings), ElementsAre("sender_domain.null-mx"));
  EXPECT_THAT(ids(sender_of(nothing, true).findings), ElementsAre("sender_domain.takes-no-mail"));
  EXPECT_THAT(ids(sender_of(null_mx, false).findings), IsEmpty());
  EXPECT_THAT(ids(sender_of(nothing, false).findings), IsEmpty());
  EXPECT_THAT(ids(sender_of(std::string(apex) + "news.example.org. AAAA 2001:db8::1\n", true).findings), IsEmpty());
}

TEST(SenderDomain, TheDomainOfMailFromIsLookedAtToo) {
  const std::string zone = std::string(apex) + "news.example.org. MX 10 mx.example.org.\nbounce.example.org. MX 0 .\n";
  EXPECT_THAT(ids(sender_of(zone, true, name("bounce.example.org")).findings), ElementsAre("sender_domain.null-mx"));
  EXPECT_THAT(ids(sender_of(zone, true, name("gone.example.org")).findings), ElementsAre("sender_domain.does-not-exist"));
  EXPECT_THAT(ids(sender_of(zone, true, name("news.example.org")).findings), IsEmpty());
}

TEST_P(DnsFailure, OfTheSendersDomainIsNoMissingDomain) {
  dns::Zone zone = dns::Zone::parse(std::string(apex) + "news.example.org. MX 10 mx.example.org.\n").value();
  for (const auto type : {dns::Type::soa, dns::Type::mx}) {
    dns::Zone failing = zone;
    failing.fail(name("news.example.org"), type, GetParam());
    const auto report = sender_of(failing, true);
    EXPECT_THAT(ids(report.findings), IsEmpty());
    EXPECT_EQ(report.outcome, Outcome::inconclusive);
  }
}

TEST(GenericNames, AreToldFromChosenOnes) {
  using reverse_dns::looks_generic;
  const auto address = ip("192.0.2.25");
  for (const auto* generic : {"ip-192-0-2-25.cloud.example", "25.2.0.192.isp.example", "adsl-25.isp.example", "host25.dynamic.isp.example", "c0000219.isp.example", "pool-7.isp.example"})
    EXPECT_TRUE(looks_generic(generic, address)) << generic;
  for (const auto* chosen : {"mail.example.org", "mx25.example.org", "smtp-out-2.example.org", "client.example.org", "a192.mail.example.org"})
    EXPECT_FALSE(looks_generic(chosen, address)) << chosen;
}

TEST(IdentityCatalogue, FitsTheCode) {
  test::expect_catalogue_fits_code("sender_domain");
  test::expect_catalogue_fits_code("mx");
  test::expect_catalogue_fits_code("reverse_dns");
}
