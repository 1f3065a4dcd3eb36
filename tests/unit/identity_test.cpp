// Checks mx and reverse_dns: zone text in, findings out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/mx/check.hpp"
#include "checks/reverse_dns/check.hpp"
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
  EXPECT_THAT(ids(identity(good, "[192.0.2.25]").findings), ElementsAre("reverse_dns.helo-literal"));
  EXPECT_THAT(ids(identity(good, "other.example.org").findings), ElementsAre("reverse_dns.helo-elsewhere"));
  EXPECT_THAT(ids(identity(std::string(good) + "out.example.org. A 192.0.2.25\n", "out.example.org").findings), ElementsAre("reverse_dns.helo-differs"));
}

TEST(ReverseDns, NothingToJudgeWithoutAddress) {
  EXPECT_EQ(check(reverse_dns::check, dns::Zone(), {.domain = name("example.org")}).outcome, Outcome::not_applicable);
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
  test::expect_catalogue_fits_code("mx");
  test::expect_catalogue_fits_code("reverse_dns");
}
