// What protocols, suites and groups mean, and what each kind of sender makes of a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "checks/tls/caa.hpp"
#include "checks/tls/check.hpp"
#include "checks/tls/senders.hpp"
#include "checks/tls/without_name.hpp"
#include "lib/dns/zone.hpp"
#include "lib/tls/certificate.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/run.hpp"
#include "tools/demo/certificates.hpp"

using namespace mailmedic;
using tls::Version;
using tls::VersionFacts;
using Support = VersionFacts::Support;

namespace {
VersionFacts spoken(Version version, std::vector<std::uint16_t> suites, std::vector<std::uint16_t> groups = {}) {
  VersionFacts facts;
  facts.version = version;
  facts.support = Support::yes;
  facts.suites_are_all = facts.groups_are_all = true;
  for (const auto suite : suites) facts.suites.push_back({suite, 0x001D, 0, 0});
  facts.groups = std::move(groups);
  facts.secure_renegotiation = true;
  return facts;
}
VersionFacts other(Version version, Support support = Support::no, std::string how = "alert protocol_version") {
  VersionFacts facts;
  facts.version = version;
  facts.support = support;
  facts.how = std::move(how);
  return facts;
}
smtp::Scanned scanned(std::vector<VersionFacts> versions, std::uint16_t port = 25, const char* address = "192.0.2.25") {
  smtp::Scanned out;
  out.request.endpoint = {*net::parse_address(address), port};
  out.request.host = "mx.example.org";
  out.versions = std::move(versions);
  return out;
}
smtp::Scanned good(std::uint16_t port = 25) {
  return scanned({spoken(Version::tls1_3, {0x1301}, {0x001D}), spoken(Version::tls1_2, {0xC02F}, {0x001D}), other(Version::tls1_1), other(Version::ssl2)}, port);
}
CheckReport judged(std::vector<smtp::Scanned> addresses) {
  CheckReport report{.check = "tls"};
  tls_scan::judge({{"mx.example.org", std::move(addresses)}}, report);
  return report;
}
/// "warning", "error" or "" where the catalogue's severity stands; "absent" where there is no such finding.
std::string severity(const CheckReport& report, std::string_view id) {
  for (const auto* list : {&report.findings, &report.unknowns})
    for (const Finding& finding : *list)
      if (finding.id == id) {
        EXPECT_FALSE(finding.evidence.empty()) << id;
        return !finding.severity ? "" : *finding.severity == Severity::error ? "error" : "warning";
      }
  return "absent";
}
smtp::Probe probe(bool trusted, bool named) {
  smtp::Probe out;
  out.request.endpoint = {*net::parse_address("192.0.2.25"), 25};
  out.handshake.emplace();
  out.handshake->completed = true;
  out.handshake->protocol = "TLSv1.3";
  out.handshake->verification.performed = true;
  out.handshake->verification.trusted = trusted;
  out.handshake->verification.text = trusted ? "ok" : "self-signed certificate";
  out.handshake->verification.name_matches = named;
  return out;
}
smtp::Probe without_starttls() {
  smtp::Probe out;
  out.request.endpoint = {*net::parse_address("192.0.2.25"), 25};
  out.capabilities.emplace();
  return out;
}
std::string word(const Facts& senders, std::string_view sender) { return std::string(senders.at(sender).as_object().at("outcome").as_string()); }
CheckReport dane_report(bool secure) {
  CheckReport report{.check = "dane"};
  report.facts["mx_secure"] = true;
  report.facts["hosts"] = boost::json::array{boost::json::object{{"host", "mx.example.org"}, {"secure", secure}, {"records", boost::json::array{"3 1 1 ab"}}}};
  return report;
}
CheckReport sts_report(std::string_view mode) {
  CheckReport report{.check = "mta_sts"};
  report.facts["policy"] = boost::json::object{{"mode", mode}, {"usable", true}};
  return report;
}
}  // namespace

TEST(TlsScan, AGoodServerHasNoFinding) {
  const CheckReport report = judged({good()});
  EXPECT_TRUE(report.findings.empty() && report.unknowns.empty());
}

// RFC 8446 section 2.2, RFC 5246 section 7.4.1.1
TEST(TlsScan, SessionsThatAreTakenUpAgain) {
  using Resumption = smtp::SessionFacts::Resumption;
  const auto with = [](smtp::SessionFacts facts) {
    smtp::Scanned seen = good();
    seen.sessions = {std::move(facts)};
    return judged({seen});
  };
  smtp::SessionFacts facts{.protocol = tls::Protocol::tls1_2, .resumption = Resumption::resumed, .by_ticket = true, .renegotiation = tls::Renegotiation::refused};
  EXPECT_TRUE(with(facts).findings.empty() && with(facts).unknowns.empty());
  facts.resumption = Resumption::none;
  EXPECT_EQ(severity(with(facts), "tls.resumption-none"), "");
  facts.resumption = Resumption::refused;
  EXPECT_EQ(severity(with(facts), "tls.resumption-refused"), "");
  EXPECT_EQ(severity(with(facts), "tls.resumption-none"), "absent");
  facts.resumption = Resumption::unknown;
  facts.why = "421 busy";
  EXPECT_EQ(severity(with(facts), "tls.sessions-unknown"), "");
  EXPECT_EQ(with(facts).outcome, Outcome::inconclusive);
}

TEST(TlsScan, SecondHandshakesAndEarlyData) {
  smtp::Scanned seen = good();
  seen.sessions = {smtp::SessionFacts{.protocol = tls::Protocol::tls1_2, .resumption = smtp::SessionFacts::Resumption::resumed, .renegotiation = tls::Renegotiation::taken}};
  EXPECT_EQ(severity(judged({seen}), "tls.client-renegotiation"), "");
  seen.sessions.front().renegotiation = tls::Renegotiation::pending;
  EXPECT_EQ(severity(judged({seen}), "tls.client-renegotiation"), "absent");
  EXPECT_EQ(severity(judged({seen}), "tls.renegotiation-unknown"), "");
  seen.sessions = {smtp::SessionFacts{.protocol = tls::Protocol::tls1_3, .resumption = smtp::SessionFacts::Resumption::resumed, .early_data_bytes = 16384}};
  EXPECT_EQ(severity(judged({seen}), "tls.early-data"), "");
  seen.sessions.front().early_data_bytes = 0;
  EXPECT_EQ(severity(judged({seen}), "tls.early-data"), "absent");
}

TEST(TlsScan, OldProtocols) {
  const std::vector<VersionFacts> versions = {spoken(Version::tls1_2, {0xC02F}), spoken(Version::tls1_0, {0xC013})};
  EXPECT_EQ(severity(judged({scanned(versions)}), "tls.old-protocols"), "");
  EXPECT_EQ(severity(judged({scanned(versions, 587)}), "tls.old-protocols"), "error");
  EXPECT_EQ(severity(judged({good(587)}), "tls.old-protocols"), "absent");
  EXPECT_EQ(severity(judged({scanned({spoken(Version::tls1_2, {0xC02F}), spoken(Version::ssl3, {0x0035})})}), "tls.broken-protocols"), "");
  EXPECT_EQ(severity(judged({good()}), "tls.broken-protocols"), "absent");
}

TEST(TlsScan, NoCurrentProtocol) {
  EXPECT_EQ(severity(judged({scanned({other(Version::tls1_3), other(Version::tls1_2), spoken(Version::tls1_0, {0xC013})})}), "tls.no-current-protocol"), "");
  EXPECT_EQ(severity(judged({good()}), "tls.no-current-protocol"), "absent");
  // What was not told is not missing.
  const CheckReport open = judged({scanned({other(Version::tls1_3), other(Version::tls1_2, Support::unknown, "421"), spoken(Version::tls1_0, {0xC013})})});
  EXPECT_EQ(severity(open, "tls.no-current-protocol"), "absent");
  EXPECT_EQ(severity(open, "tls.incomplete"), "");
  EXPECT_EQ(open.outcome, Outcome::inconclusive);
}

TEST(TlsScan, WeakSuites) {
  const CheckReport weak = judged({scanned({spoken(Version::tls1_2, {0xC02F, 0x0005, 0x000A, 0x0034})})});
  EXPECT_EQ(severity(weak, "tls.broken-suites"), "");
  EXPECT_EQ(severity(weak, "tls.triple-des"), "");
  EXPECT_EQ(severity(weak, "tls.anonymous-suites"), "");
  const CheckReport submission = judged({scanned({spoken(Version::tls1_2, {0xC02F, 0x0001, 0x0034})}, 465)});
  EXPECT_EQ(severity(submission, "tls.broken-suites"), "error");
  EXPECT_EQ(severity(submission, "tls.anonymous-suites"), "error");
  for (const char* id : {"tls.broken-suites", "tls.triple-des", "tls.anonymous-suites"}) EXPECT_EQ(severity(judged({good()}), id), "absent");
}

TEST(TlsScan, ForwardSecrecy) {
  EXPECT_EQ(severity(judged({scanned({spoken(Version::tls1_2, {0x009C, 0x002F})})}), "tls.no-forward-secrecy"), "");
  EXPECT_EQ(severity(judged({good()}), "tls.no-forward-secrecy"), "absent");
  VersionFacts cut = spoken(Version::tls1_2, {0x009C});
  cut.suites_are_all = false;
  EXPECT_EQ(severity(judged({scanned({cut})}), "tls.no-forward-secrecy"), "absent");
}

TEST(TlsScan, SmallDiffieHellman) {
  VersionFacts small = spoken(Version::tls1_2, {0xC02F, 0x0033});
  small.suites[1].dh_bits = 1024;
  EXPECT_EQ(severity(judged({scanned({small})}), "tls.small-dh"), "");
  small.suites[1].dh_bits = 512;
  EXPECT_EQ(severity(judged({scanned({small})}), "tls.small-dh"), "error");
  small.suites[1].dh_bits = 2048;
  EXPECT_EQ(severity(judged({scanned({small})}), "tls.small-dh"), "absent");
  small.suites[1] = {0x0034, 0, 1024, 0};  // anonymous
  EXPECT_EQ(severity(judged({scanned({small})}), "tls.small-dh"), "absent");
}

TEST(TlsScan, PostQuantumGroups) {
  EXPECT_EQ(severity(judged({scanned({spoken(Version::tls1_3, {0x1301}, {0x11EC, 0x001D})})}), "tls.post-quantum"), "");
  EXPECT_EQ(severity(judged({good()}), "tls.post-quantum"), "absent");
}

TEST(TlsScan, RenegotiationAndCompression) {
  VersionFacts old = spoken(Version::tls1_2, {0xC02F});
  old.secure_renegotiation = false;
  old.compresses = true;
  const CheckReport report = judged({scanned({old})});
  EXPECT_EQ(severity(report, "tls.insecure-renegotiation"), "");
  EXPECT_EQ(severity(report, "tls.compression"), "");
  EXPECT_EQ(severity(judged({good()}), "tls.insecure-renegotiation"), "absent");
  EXPECT_EQ(severity(judged({good()}), "tls.compression"), "absent");
}

TEST(TlsScan, TwoCertificates) {
  const auto der = [](const demo::Identity& identity) { return std::vector<std::string>{tls::parse_certificates_pem(identity.chain).value()[0].der}; };
  VersionFacts both = spoken(Version::tls1_2, {0xC02B, 0xC02F});
  both.chains = {der(demo::make_identity({}))};
  EXPECT_EQ(severity(judged({scanned({both})}), "tls.two-certificates"), "absent");
  both.chains.push_back(der(demo::make_identity({.key = demo::CertificateOrder::Key::rsa_2048})));
  EXPECT_EQ(severity(judged({scanned({both})}), "tls.two-certificates"), "");
}

TEST(TlsScan, AddressesThatDiffer) {
  smtp::Scanned old = scanned({spoken(Version::tls1_2, {0xC02F})}, 25, "192.0.2.26");
  EXPECT_EQ(severity(judged({good(), old}), "tls.addresses-differ"), "");
  EXPECT_EQ(severity(judged({good(), good()}), "tls.addresses-differ"), "absent");
  old.versions.push_back(other(Version::tls1_3, Support::unknown, "421"));
  EXPECT_EQ(severity(judged({good(), old}), "tls.addresses-differ"), "absent");
}

TEST(TlsScan, WhatCouldNotBeMeasuredIsUnknown) {
  smtp::Scanned shut = scanned({other(Version::tls1_3, Support::unknown, "421"), other(Version::tls1_2, Support::unknown, "421")});
  shut.trouble = "421 4.7.0 too many connections";
  const CheckReport report = judged({shut});
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(severity(report, "tls.not-measured"), "");
  EXPECT_EQ(severity(judged({good()}), "tls.not-measured"), "absent");
  EXPECT_EQ(severity(judged({good()}), "tls.incomplete"), "absent");
}

TEST(TlsSenders, ByTheCertificate) {
  const Facts fine = tls_scan::senders_of("mx.example.org", probe(true, true), {});
  EXPECT_EQ(word(fine, "opportunistic"), "delivers_encrypted");
  EXPECT_EQ(word(fine, "must_verify"), "delivers_encrypted");
  EXPECT_EQ(word(fine, "dane"), "not_applicable");
  const Facts self_signed = tls_scan::senders_of("mx.example.org", probe(false, true), {});
  EXPECT_EQ(word(self_signed, "opportunistic"), "delivers_encrypted");
  EXPECT_EQ(word(self_signed, "must_verify"), "refuses");
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", probe(true, false), {}), "must_verify"), "refuses");
  smtp::Probe unreached;
  unreached.cause = smtp::Cause::timed_out;
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", unreached, {}), "opportunistic"), "unknown");
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", unreached, {}), "must_verify"), "unknown");
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", without_starttls(), {}), "opportunistic"), "delivers");
  // A port that begins with TLS has nothing to fall back to.
  smtp::Probe implicit = probe(true, true);
  implicit.request.encryption = smtp::Encryption::implicit;
  implicit.cause = smtp::Cause::tls_failed;
  implicit.handshake->completed = false;
  implicit.handshake->failure = tls::Failure::alert;
  implicit.handshake->alert = tls::Alert{.name = "internal_error", .code = 80, .from_peer = true};
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", implicit, {}), "opportunistic"), "refuses");
}

TEST(TlsSenders, WithoutACertificateOfTheirOwn) {
  smtp::Probe late = probe(true, true);
  late.handshake->alert = tls::Alert{.name = "certificate_required", .code = 116, .from_peer = true};
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", late, {}), "opportunistic"), "delivers");
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", late, {}), "must_verify"), "refuses");
}

TEST(TlsSenders, ByDane) {
  const std::vector<CheckReport> secure = {dane_report(true)}, insecure = {dane_report(false)};
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", probe(false, false), secure), "dane"), "delivers_encrypted");
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", probe(false, false), insecure), "dane"), "not_applicable");
  std::vector<CheckReport> mismatch = {dane_report(true)};
  mismatch[0].findings.push_back({.id = "dane.mismatch", .subject = "mx.example.org", .args = {{"address", "192.0.2.25:25"}}});
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", probe(true, true), mismatch), "dane"), "refuses");
  std::vector<CheckReport> unknown = {dane_report(true)};
  unknown[0].could_not_tell({.id = "dane.not-validated", .subject = "example.org"});
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", probe(true, true), unknown), "dane"), "unknown");
}

TEST(TlsSenders, ByMtaSts) {
  const std::vector<CheckReport> enforce = {sts_report("enforce")}, testing = {sts_report("testing")}, none = {sts_report("none")};
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", probe(true, true), enforce), "mta_sts"), "delivers_encrypted");
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", probe(false, true), enforce), "mta_sts"), "refuses");
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", probe(false, true), testing), "mta_sts"), "delivers");
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", probe(false, true), none), "mta_sts"), "not_applicable");
  std::vector<CheckReport> barred = {sts_report("enforce")};
  barred[0].findings.push_back({.id = "mta_sts.mx-not-allowed", .subject = "example.org", .args = {{"host", "mx.example.org"}}});
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", probe(true, true), barred), "mta_sts"), "refuses");
  std::vector<CheckReport> open = {CheckReport{.check = "mta_sts", .outcome = Outcome::inconclusive}};
  EXPECT_EQ(word(tls_scan::senders_of("mx.example.org", probe(true, true), open), "mta_sts"), "unknown");
}

namespace {
smtp::Probe showing(const std::string& sha256) {
  smtp::Probe out = probe(true, true);
  out.handshake->chain.resize(1);
  out.handshake->chain[0].sha256 = sha256;
  out.handshake->chain[0].dns_names = {sha256 + ".example.org"};
  return out;
}
smtp::Probe failing(std::optional<tls::Alert> alert) {
  smtp::Probe out = probe(false, false);
  out.handshake->completed = false;
  out.handshake->alert = std::move(alert);
  out.handshake->error = "closed";
  return out;
}
CheckReport without_name(const smtp::Probe& named, const smtp::Probe& unnamed) {
  CheckReport report{.check = "tls"};
  tls_scan::judge_without_name("mx.example.org", named, unnamed, report);
  for (const auto* list : {&report.findings, &report.unknowns})
    for (const Finding& finding : *list) test::expect_words_are_filled(finding);
  return report;
}
CheckReport caa_of(const char* records, std::optional<std::pair<const char*, dns::Status>> failing = std::nullopt) {
  dns::Zone zone = *dns::Zone::parse(std::string("a.mx.example.org. A 192.0.2.1\n") + records);
  if (failing) zone.fail(*dns::Name::parse(failing->first), dns::Type::caa, failing->second);
  CheckReport report{.check = "tls"};
  tls_scan::judge_caa(test::run(tls_scan::find_caa(zone, *dns::Name::parse("a.mx.example.org"))), report);
  EXPECT_LE(zone.questions(), 4u);
  for (const Finding& finding : report.findings) test::expect_words_are_filled(finding);
  return report;
}
}  // namespace

TEST(TlsScan, CertificatesWithoutServerName) {
  EXPECT_TRUE(without_name(showing("aa"), showing("aa")).findings.empty());
  EXPECT_EQ(severity(without_name(showing("aa"), showing("bb")), "tls.sni-changes-certificate"), "");
  const CheckReport refused = without_name(showing("aa"), failing(tls::Alert{.name = "unrecognized_name", .code = 112, .from_peer = true}));
  EXPECT_EQ(severity(refused, "tls.sni-required"), "");
  const CheckReport cut = without_name(showing("aa"), failing(std::nullopt));
  EXPECT_TRUE(cut.findings.empty());
  EXPECT_EQ(severity(cut, "tls.without-sni-unknown"), "");
  EXPECT_EQ(cut.outcome, Outcome::inconclusive);
  // Without the first there is nothing to compare with.
  const CheckReport nothing = without_name(failing(std::nullopt), showing("bb"));
  EXPECT_TRUE(nothing.findings.empty() && nothing.unknowns.empty());
}

TEST(TlsScan, AuthoritiesAreFoundUpTheTree) {
  EXPECT_EQ(severity(caa_of(""), "tls.caa-missing"), "");
  const CheckReport above = caa_of("example.org. CAA 0 issue \"letsencrypt.org\"\n");
  EXPECT_TRUE(above.findings.empty());
  EXPECT_EQ(above.facts.at("caa").at(0).at("at"), "example.org");
  // The lowest counts, whatever stands above it.
  EXPECT_EQ(severity(caa_of("example.org. CAA 0 issue \"letsencrypt.org\"\nmx.example.org. CAA 0 issue \";\"\n"), "tls.caa-forbids-all"), "");
  EXPECT_EQ(severity(caa_of("mx.example.org. CAA 0 issue \";\"\nmx.example.org. CAA 0 issue \"ca.example; x=y\"\n"), "tls.caa-forbids-all"), "absent");
  EXPECT_EQ(severity(caa_of("mx.example.org. CAA 0 issuewild \";\"\n"), "tls.caa-forbids-all"), "absent");
}

TEST(TlsScan, AuthoritiesThatDnsDoesNotTell) {
  const CheckReport open = caa_of("example.org. CAA 0 issue \"letsencrypt.org\"\n", std::pair{"mx.example.org", dns::Status::serv_fail});
  EXPECT_TRUE(open.findings.empty());
  EXPECT_EQ(severity(open, "dns.no-answer"), "");
  // What lies above the records does not matter.
  EXPECT_TRUE(caa_of("mx.example.org. CAA 0 issue \"letsencrypt.org\"\n", std::pair{"example.org", dns::Status::timed_out}).unknowns.empty());
}

TEST(TlsScan, EveryFindingHasItsWords) { test::expect_catalogue_fits_code("tls"); }
