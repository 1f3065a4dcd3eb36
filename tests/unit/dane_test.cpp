// TLSA records against real chains, and what the check makes of them.
#include <gmock/gmock.h>
#include <openssl/sha.h>

#include "checks/dane/check.hpp"
#include "checks/dane/judge.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"
#include "tools/demo/certificates.hpp"

namespace mailmedic {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::system_clock;
using testing::HasSubstr;
using testing::IsEmpty;
using tls::TlsaData;

std::string digest(const std::string& of, unsigned matching) {
  unsigned char out[64];
  const auto* bytes = reinterpret_cast<const unsigned char*>(of.data());
  if (matching == 0) return of;
  if (matching == 1) return {reinterpret_cast<char*>(SHA256(bytes, of.size(), out)), 32};
  return {reinterpret_cast<char*>(SHA512(bytes, of.size(), out)), 64};
}

TlsaData pin(const tls::Certificate& certificate, unsigned usage, unsigned selector, unsigned matching) {
  return {usage, selector, matching, digest(selector == 0 ? certificate.der : certificate.public_key_der, matching)};
}

/// A root, an intermediate authority, and a server's certificate; the chain as sent has the root where that is asked for.
struct Server {
  explicit Server(std::vector<std::string> names = {"mx.example.org"}, Clock::time_point begins = Clock::now() - 24h, Clock::time_point ends = Clock::now() + 24h * 60) {
    demo::CertificateOrder authority{.common_name = "Root", .authority = true};
    authority.not_before = Clock::now() - 24h * 365;
    authority.not_after = Clock::now() + 24h * 365;
    root = demo::make_identity(authority);
    authority.common_name = "Intermediate";
    authority.issuer = &root;
    intermediate = demo::make_identity(authority);
    demo::CertificateOrder order{.common_name = "server", .dns_names = std::move(names)};
    order.not_before = begins;
    order.not_after = ends;
    order.issuer = &intermediate;
    own = demo::make_identity(order);
    chain = tls::parse_certificates_pem(own.certificate + intermediate.certificate + root.certificate).value();
  }
  demo::Identity root, intermediate, own;
  std::vector<tls::Certificate> chain;  ///< own, intermediate, root
  std::vector<tls::Certificate> sent(std::size_t count) const { return {chain.begin(), chain.begin() + static_cast<std::ptrdiff_t>(count)}; }
};

const std::vector<std::string> its_name = {"mx.example.org"};

bool passes(const std::vector<tls::Certificate>& chain, const std::vector<TlsaData>& records, const std::vector<std::string>& names = its_name) {
  return tls::verify_dane(chain, records, names, Clock::now()).matches;
}

std::string hex(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string line(const std::string& host, const TlsaData& record) {
  return fmt::format("_25._tcp.{}. TLSA {} {} {} {}\n", host, record.usage, record.selector, record.matching, hex(record.data));
}

const Finding* find(const std::vector<Finding>& in, std::string_view id) {
  const auto found = std::find_if(in.begin(), in.end(), [&](const Finding& one) { return one.id == id; });
  return found == in.end() ? nullptr : &*found;
}

/// Every finding has evidence, and all that its words need.
void expect_well_formed(const CheckReport& report) {
  for (const auto* list : {&report.findings, &report.unknowns})
    for (const Finding& one : *list) {
      EXPECT_FALSE(one.evidence.empty()) << one.id;
      if (one.id.starts_with("dane.")) test::expect_words_are_filled(one);
    }
}

const std::string mail = "example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.25\ndnssec-failed.org. NS ns.dnssec-failed.org.\n. SOA a. b. 1 2 3 4 5\n";

/// The check over DNS alone. The root is vouched for where `authentic`.
CheckReport check(const std::string& text, bool authentic = true, std::vector<tls::Certificate> new_certificate = {},
                  const std::function<void(dns::Zone&)>& change = [](dns::Zone&) {}) {
  dns::Zone zone = dns::Zone::parse(mail + text).value();
  zone.set_authentic(authentic);
  zone.fail(dns::Name::parse("dnssec-failed.org").value(), dns::Status::serv_fail);
  change(zone);
  test::DnsProbes probes(zone, Clock::now());
  Target target{.domain = dns::Name::parse("example.org").value()};
  target.mail_servers = false;
  target.new_certificate = std::move(new_certificate);
  CheckReport report = test::run(dane::check(target, probes));
  expect_well_formed(report);
  return report;
}

const std::string some_digest(64, 'a');
const std::string two_good = "_25._tcp.mx.example.org. TLSA 3 1 1 " + some_digest + "\n_25._tcp.mx.example.org. TLSA 3 1 1 " + std::string(64, 'b') + "\n";

dane::Host host_with(std::vector<TlsaData> records) {
  dane::Host host;
  host.host.name = host.base = dns::Name::parse("mx.example.org").value();
  host.question = dns::Name::parse("_25._tcp.mx.example.org").value();
  host.names = its_name;
  host.tlsa.status = dns::Status::answered;
  for (TlsaData& one : records)
    host.tlsa.records.push_back({host.question, dns::Type::tlsa, 300,
                                 dns::Tlsa{static_cast<std::uint8_t>(one.usage), static_cast<std::uint8_t>(one.selector), static_cast<std::uint8_t>(one.matching), std::move(one.data)}});
  host.is_secure = true;
  return host;
}

smtp::Probe probe_with(std::vector<tls::Certificate> chain) {
  smtp::Probe probe;
  probe.request.endpoint = net::parse_endpoint("192.0.2.25", 25).value();
  probe.capabilities.emplace();
  probe.handshake.emplace();
  probe.handshake->completed = true;
  probe.handshake->chain = std::move(chain);
  return probe;
}

CheckReport judged(const dane::Host& host, const smtp::Probe& probe) {
  CheckReport report;
  if (!dane::judge_probe(host, probe, Clock::now(), report)) dane::judge_unmeasured(host, probe, report);
  expect_well_formed(report);
  return report;
}

}  // namespace

TEST(DaneVerify, EveryUsageSelectorAndMatchingTypeThatMailKnows) {
  const Server server, other;
  for (const unsigned selector : {0u, 1u})
    for (const unsigned matching : {0u, 1u, 2u}) {
      EXPECT_TRUE(passes(server.sent(1), {pin(server.chain[0], 3, selector, matching)})) << selector << matching;
      EXPECT_FALSE(passes(server.sent(1), {pin(other.chain[0], 3, selector, matching)})) << selector << matching;
      EXPECT_TRUE(passes(server.sent(2), {pin(server.chain[1], 2, selector, matching)})) << selector << matching;
      EXPECT_TRUE(passes(server.sent(3), {pin(server.chain[2], 2, selector, matching)})) << selector << matching;
      EXPECT_FALSE(passes(server.sent(3), {pin(other.chain[2], 2, selector, matching)})) << selector << matching;
      EXPECT_EQ(tls::trouble_of(pin(server.chain[0], 3, selector, matching)), "");
    }
}

TEST(DaneVerify, OneMatchAmongManyIsEnough) {
  const Server server, other;
  EXPECT_TRUE(passes(server.sent(1), {pin(other.chain[0], 3, 1, 1), {3, 1, 1, "short"}, pin(server.chain[0], 3, 1, 1)}));
}

/// RFC 7672 section 3.1.1: with usage 3 neither the names nor the dates of the certificate count.
TEST(DaneVerify, Usage3AsksForNeitherNameNorDate) {
  const Server stranger({"something.else.example"}), nameless(std::vector<std::string>{}), old({"mx.example.org"}, Clock::now() - 24h * 30, Clock::now() - 24h);
  EXPECT_TRUE(passes(stranger.sent(1), {pin(stranger.chain[0], 3, 1, 1)}));
  EXPECT_TRUE(passes(nameless.sent(1), {pin(nameless.chain[0], 3, 1, 1)}));
  EXPECT_TRUE(passes(old.sent(1), {pin(old.chain[0], 3, 1, 1)}));
}

/// RFC 7672 section 3.2.2: with usage 2 one of three names must fit, and the dates too.
TEST(DaneVerify, Usage2AsksForNamesAndDates) {
  const Server stranger({"something.else.example"}), by_domain({"example.org"}), old({"mx.example.org"}, Clock::now() - 24h * 30, Clock::now() - 24h);
  EXPECT_FALSE(passes(stranger.sent(3), {pin(stranger.chain[2], 2, 0, 1)}));
  EXPECT_FALSE(passes(old.sent(3), {pin(old.chain[2], 2, 0, 1)}));
  EXPECT_FALSE(passes(by_domain.sent(3), {pin(by_domain.chain[2], 2, 0, 1)}));
  EXPECT_TRUE(passes(by_domain.sent(3), {pin(by_domain.chain[2], 2, 0, 1)}, {"mx.example.org", "example.org"}));
}

TEST(DaneVerify, AnAnchorThatIsNotSentDoesNotHelp) {
  const Server server;
  EXPECT_FALSE(passes(server.sent(2), {pin(server.chain[2], 2, 0, 1)}));
  EXPECT_TRUE(passes(server.sent(2), {pin(server.chain[2], 2, 0, 0)})) << "the record holds the whole anchor";
}

TEST(DaneVerify, TellsWhichRecordPassed) {
  const Server server;
  const auto verdict = tls::verify_dane(server.sent(3), {pin(server.chain[1], 2, 1, 1)}, its_name, Clock::now());
  EXPECT_EQ(verdict.matched_usage, 2);
  EXPECT_EQ(verdict.depth, 1);
  EXPECT_FALSE(tls::verify_dane({}, {pin(server.chain[1], 2, 1, 1)}, its_name, Clock::now()).matches);
  EXPECT_EQ(tls::verify_dane(server.chain, {}, its_name, Clock::now()).why, "no record can be used");
}

TEST(DaneVerify, RecordsThatNoSenderCanUse) {
  const std::string d32(32, 'x'), d64(64, 'x');
  EXPECT_EQ(tls::trouble_of({3, 1, 1, d32}), "");
  EXPECT_EQ(tls::trouble_of({2, 0, 2, d64}), "");
  for (const unsigned usage : {0u, 1u}) EXPECT_THAT(tls::trouble_of({usage, 1, 1, d32}), HasSubstr("not for mail"));
  EXPECT_THAT(tls::trouble_of({4, 1, 1, d32}), HasSubstr("usage 4"));
  EXPECT_THAT(tls::trouble_of({3, 2, 1, d32}), HasSubstr("selector 2"));
  EXPECT_THAT(tls::trouble_of({3, 1, 3, d32}), HasSubstr("matching type 3"));
  EXPECT_THAT(tls::trouble_of({3, 1, 1, d32 + "x"}), HasSubstr("this one has 33"));
  EXPECT_THAT(tls::trouble_of({3, 1, 2, d32}), HasSubstr("this one has 32"));
  EXPECT_THAT(tls::trouble_of({3, 1, 1, ""}), HasSubstr("this one has 0"));
  const Server server;
  EXPECT_THAT(tls::trouble_of({3, 0, 0, "rubbish"}), HasSubstr("no certificate"));
  EXPECT_THAT(tls::trouble_of({3, 0, 0, server.chain[0].der + "x"}), HasSubstr("no certificate"));
  EXPECT_THAT(tls::trouble_of({3, 1, 0, "rubbish"}), HasSubstr("no public key"));
  EXPECT_THAT(tls::trouble_of({3, 1, 0, server.chain[0].der}), HasSubstr("no public key"));
}

TEST(Dane, WithoutRecordsThereIsNothingToJudge) {
  const CheckReport report = check("");
  EXPECT_EQ(report.outcome, Outcome::not_applicable);
  EXPECT_THAT(report.findings, IsEmpty());
}

TEST(Dane, TwoGoodRecordsAreFine) {
  const CheckReport report = check(two_good);
  EXPECT_EQ(report.outcome, Outcome::ran);
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.facts.at("mx_secure"), true);
}

TEST(Dane, UsagesThatAreNotForMail) {
  const CheckReport report = check(two_good + "_25._tcp.mx.example.org. TLSA 1 1 1 " + some_digest + "\n");
  EXPECT_TRUE(find(report.findings, "dane.unusable-usage"));
  EXPECT_FALSE(find(report.findings, "dane.bad-record"));
  EXPECT_FALSE(find(report.findings, "dane.all-unusable"));
}

TEST(Dane, BrokenRecords) {
  const CheckReport report = check("_25._tcp.mx.example.org. TLSA 3 1 1 aabb\n");
  EXPECT_TRUE(find(report.findings, "dane.bad-record"));
  EXPECT_TRUE(find(report.findings, "dane.all-unusable"));
  EXPECT_FALSE(find(report.findings, "dane.unusable-usage"));
}

TEST(Dane, OnlySha512) {
  EXPECT_TRUE(find(check("_25._tcp.mx.example.org. TLSA 3 1 2 " + some_digest + some_digest + "\n").findings, "dane.no-sha256"));
  EXPECT_FALSE(find(check(two_good).findings, "dane.no-sha256"));
}

TEST(Dane, BoundToTheWholeCertificate) {
  EXPECT_TRUE(find(check("_25._tcp.mx.example.org. TLSA 3 0 1 " + some_digest + "\n").findings, "dane.whole-certificate"));
  EXPECT_FALSE(find(check("_25._tcp.mx.example.org. TLSA 2 0 1 " + some_digest + "\n").findings, "dane.whole-certificate"));
}

TEST(Dane, NoSpareRecord) {
  EXPECT_TRUE(find(check("_25._tcp.mx.example.org. TLSA 3 1 1 " + some_digest + "\n").findings, "dane.no-spare"));
  EXPECT_FALSE(find(check(two_good).findings, "dane.no-spare"));
  EXPECT_FALSE(find(check("_25._tcp.mx.example.org. TLSA 2 1 1 " + some_digest + "\n").findings, "dane.no-spare"));
}

TEST(Dane, LongTtl) {
  EXPECT_TRUE(find(check("_25._tcp.mx.example.org. 172800 TLSA 2 1 1 " + some_digest + "\n").findings, "dane.long-ttl"));
  EXPECT_FALSE(find(check("_25._tcp.mx.example.org. 86400 TLSA 2 1 1 " + some_digest + "\n").findings, "dane.long-ttl"));
}

TEST(Dane, NameServersThatFailAtTlsa) {
  const auto fail = [](dns::Status status) {
    return [status](dns::Zone& zone) { zone.fail(dns::Name::parse("_25._tcp.mx.example.org").value(), status); };
  };
  for (const auto status : {dns::Status::serv_fail, dns::Status::bogus}) {
    const CheckReport report = check("", true, {}, fail(status));
    EXPECT_TRUE(find(report.findings, "dane.tlsa-fails"));
    EXPECT_THAT(report.unknowns, IsEmpty());
  }
  const CheckReport silent = check("", true, {}, fail(dns::Status::timed_out));
  EXPECT_FALSE(find(silent.findings, "dane.tlsa-fails"));
  EXPECT_TRUE(find(silent.unknowns, "dns.no-answer"));
  const CheckReport unsigned_zone = check("", false, {}, fail(dns::Status::serv_fail));
  EXPECT_FALSE(find(unsigned_zone.findings, "dane.tlsa-fails"));
  EXPECT_TRUE(find(unsigned_zone.unknowns, "dns.no-answer"));
}

TEST(Dane, SomeHostsCoveredAndSomeNot) {
  const std::string second = "example.org. MX 20 mx2.example.org.\nmx2.example.org. A 192.0.2.26\n";
  EXPECT_TRUE(find(check(two_good + second).findings, "dane.partial"));
  EXPECT_FALSE(find(check(two_good).findings, "dane.partial"));
  const auto silent = [](dns::Zone& zone) { zone.fail(dns::Name::parse("_25._tcp.mx2.example.org").value(), dns::Status::timed_out); };
  EXPECT_FALSE(find(check(two_good + second, true, {}, silent).findings, "dane.partial")) << "the second host's records are not known";
}

TEST(Dane, RecordsOutsideDnssec) {
  dane::Hosts hosts;
  hosts.mail.domain = dns::Name::parse("example.org").value();
  hosts.mail.mx.status = dns::Status::answered;
  hosts.hosts.push_back(host_with({{3, 1, 1, std::string(32, 'x')}}));
  CheckReport both;
  hosts.hosts[0].is_secure = false;
  dane::judge_coverage(hosts, true, both);
  expect_well_formed(both);
  EXPECT_TRUE(find(both.findings, "dane.not-secure"));
  EXPECT_TRUE(find(both.findings, "dane.mx-not-secure"));
  CheckReport neither;
  hosts.hosts[0].is_secure = hosts.mx_is_secure = true;
  dane::judge_coverage(hosts, true, neither);
  EXPECT_FALSE(find(neither.findings, "dane.not-secure"));
  EXPECT_FALSE(find(neither.findings, "dane.mx-not-secure"));
  CheckReport unknown;
  hosts.hosts[0].is_secure = hosts.mx_is_secure = false;
  dane::judge_coverage(hosts, false, unknown);
  EXPECT_THAT(unknown.findings, IsEmpty()) << "nobody that we trust verified anything";
}

TEST(Dane, AResolverThatDoesNotValidateLeavesItOpen) {
  const CheckReport report = check(two_good, false);
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_TRUE(find(report.unknowns, "dane.not-validated"));
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_FALSE(find(check(two_good).unknowns, "dane.not-validated"));
}

TEST(Dane, ChainsThatMatchAndThatDoNot) {
  const Server server, other;
  const dane::Host pinned = host_with({pin(server.chain[0], 3, 1, 1)}), anchored = host_with({pin(server.chain[2], 2, 0, 1)});
  EXPECT_THAT(judged(pinned, probe_with(server.sent(1))).findings, IsEmpty());
  EXPECT_THAT(judged(anchored, probe_with(server.sent(3))).findings, IsEmpty());
  EXPECT_TRUE(find(judged(pinned, probe_with(other.sent(2))).findings, "dane.mismatch"));
  EXPECT_TRUE(find(judged(anchored, probe_with(other.sent(3))).findings, "dane.anchor-mismatch"));
  EXPECT_TRUE(find(judged(anchored, probe_with(server.sent(2))).findings, "dane.anchor-mismatch")) << "the anchor was not sent";
  EXPECT_THAT(judged(host_with({{3, 1, 1, "short"}}), probe_with(other.sent(1))).findings, IsEmpty()) << "no usable record: TLS without authentication";
}

TEST(Dane, NoStarttls) {
  const Server server;
  const dane::Host pinned = host_with({pin(server.chain[0], 3, 1, 1)});
  smtp::Probe probe = probe_with({});
  probe.handshake.reset();
  EXPECT_TRUE(find(judged(pinned, probe).findings, "dane.no-starttls"));
  probe.handshake.emplace();
  probe.handshake->failure = tls::Failure::closed;
  EXPECT_TRUE(find(judged(pinned, probe).findings, "dane.no-starttls"));
  EXPECT_FALSE(find(judged(pinned, probe_with(server.sent(1))).findings, "dane.no-starttls"));
}

TEST(Dane, WhatWasNotSeenIsUnknown) {
  const Server server;
  const dane::Host pinned = host_with({pin(server.chain[0], 3, 1, 1)});
  smtp::Probe late = probe_with({}), refused = probe_with({}), busy = probe_with({});
  late.handshake->completed = false;
  late.handshake->failure = tls::Failure::timed_out;
  refused.handshake.reset();
  refused.capabilities.reset();
  refused.cause = smtp::Cause::refused;
  busy.handshake.reset();
  busy.starttls.emplace();
  busy.starttls->code = 454;
  for (const smtp::Probe& probe : {late, refused, busy}) {
    const CheckReport report = judged(pinned, probe);
    EXPECT_THAT(report.findings, IsEmpty());
    EXPECT_TRUE(find(report.unknowns, "dane.not-measured"));
    EXPECT_EQ(report.outcome, Outcome::inconclusive);
  }
  EXPECT_FALSE(find(judged(pinned, probe_with(server.sent(1))).unknowns, "dane.not-measured"));
}

TEST(Dane, RehearsesANewCertificate) {
  const Server server, next;
  const std::string records = line("mx.example.org", pin(server.chain[0], 3, 1, 1)) + line("mx.example.org", pin(server.chain[0], 3, 0, 1));
  const CheckReport fits = check(records, true, server.sent(2));
  EXPECT_TRUE(find(fits.findings, "dane.new-certificate-fits"));
  EXPECT_FALSE(find(fits.findings, "dane.new-certificate-mismatch"));
  EXPECT_TRUE(find(check(records, true, next.sent(2)).findings, "dane.new-certificate-mismatch"));
  EXPECT_FALSE(find(check(records).findings, "dane.new-certificate-fits"));
}

TEST(Dane, AliasesLeadToTheBaseDomain) {
  dns::Zone zone = dns::Zone::parse("example.org. MX 10 mail.example.org.\nmail.example.org. CNAME mx.example.net.\nmx.example.net. A 192.0.2.25\n_25._tcp.mx.example.net. TLSA 3 1 1 " +
                                    some_digest + "\n").value();
  zone.set_authentic(true);
  const dane::Hosts hosts = test::run(dane::find_hosts(zone, dns::Name::parse("example.org").value()));
  ASSERT_EQ(hosts.hosts.size(), 1u);
  EXPECT_EQ(hosts.hosts[0].base.text(), "mx.example.net");
  EXPECT_TRUE(hosts.hosts[0].is_secure);
  EXPECT_THAT(hosts.hosts[0].names, testing::ElementsAre("mx.example.net", "mail.example.org", "example.org"));
}

TEST(Dane, CatalogueFitsTheCode) { test::expect_catalogue_fits_code("dane"); }

}  // namespace mailmedic
