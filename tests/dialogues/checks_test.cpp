// The checks "smtp" and "starttls": judgement of given probes, and whole runs against servers on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <type_traits>

#include "checks/certificate_life.hpp"
#include "checks/smtp/check.hpp"
#include "checks/smtp/our_name.hpp"
#include "checks/smtp/rcpt_probe.hpp"
#include "checks/smtp/timing.hpp"
#include "checks/starttls/certificate.hpp"
#include "checks/starttls/check.hpp"
#include "lib/dns/zone.hpp"
#include "lib/smtp/network_prober.hpp"
#include "lib/smtp/sharing_prober.hpp"
#include "reports/catalogue.hpp"
#include "tests/support/given_prober.hpp"
#include "tests/support/run.hpp"
#include "tools/demo/scripted_smtp_server.hpp"

using namespace mailmedic;
using namespace std::chrono_literals;
using test::GivenProber;
using smtp::Cause;
using smtp::Probe;
using smtp::Reply;
using smtp::Stage;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {
const TimePoint now = std::chrono::system_clock::now();

Probe stopped(Stage stage, Cause cause, boost::system::errc::errc_t error = boost::system::errc::success) {
  Probe out;
  out.stopped_at = stage;
  out.cause = cause;
  out.error = make_error_code(error);
  out.why = error ? out.error.message() : "";
  return out;
}
Probe refused() { return stopped(Stage::connect, Cause::refused, boost::system::errc::connection_refused); }
Probe silent() { return stopped(Stage::connect, Cause::timed_out); }
Probe no_ipv6() { return stopped(Stage::connect, Cause::unreachable, boost::system::errc::network_unreachable); }
Probe greeted(std::vector<std::string> lines = {"mx.example.org", "STARTTLS"}) {
  Probe out;
  out.banner = Reply{220, {"mx.example.org ESMTP"}};
  out.ehlo = Reply{250, std::move(lines)};
  out.capabilities = capabilities_of(*out.ehlo);
  return out;
}
Probe banner(int code, std::string text) {
  Probe out = stopped(Stage::banner, code < 500 ? Cause::banner_busy : Cause::banner_rejected);
  out.banner = Reply{code, {std::move(text)}};
  return out;
}
/// Greeted, TLS up, a certificate that is fine in every respect.
Probe secured() {
  Probe out = greeted();
  out.starttls = Reply{220, {"go"}};
  tls::Handshake& shake = out.handshake.emplace();
  shake.completed = true;
  shake.protocol = "TLSv1.3";
  tls::Certificate certificate;
  certificate.dns_names = {"mx.example.org"};
  certificate.not_before = now - 24h * 30;
  certificate.not_after = now + 24h * 60;
  certificate.key_type = "EC";
  certificate.key_bits = 256;
  certificate.signature_digest = "SHA256";
  shake.chain = {certificate};
  shake.verification.performed = shake.verification.trusted = shake.verification.anchored = true;
  shake.verification.name_matches = true;
  return out;
}

constexpr const char* one_host = R"(
example.org.     MX   10 mx.example.org.
mx.example.org.  A    192.0.2.1
)";
constexpr const char* dual_stack = R"(
example.org.     MX   10 mx.example.org.
mx.example.org.  A    192.0.2.1
mx.example.org.  AAAA 2001:db8::1
)";
constexpr const char* two_hosts = R"(
example.org.     MX   10 mx1.example.org.
example.org.     MX   20 mx2.example.org.
mx1.example.org. A    192.0.2.1
mx2.example.org. A    192.0.2.2
)";

using Run = asio::awaitable<CheckReport> (*)(const Target&, Probes&);

/// Every word of the catalogue must find its argument.
void expect_worded(const std::vector<Finding>& findings) {
  static reports::Catalogue catalogue(MAILMEDIC_BINARY_DIR "/share/mailmedic/findings");
  for (const Finding& finding : findings) {
    const reports::Entry* entry = catalogue.find(finding.id);
    ASSERT_TRUE(entry) << finding.id << ": " << catalogue.error();
    for (const auto* words : {&entry->en, &entry->zh})
      for (const auto* text : {&words->title, &words->why, &words->fix})
        EXPECT_THAT(reports::filled(*text, finding.args), testing::Not(HasSubstr("{"))) << finding.id;
  }
}

CheckReport run(Run check, dns::Resolver& zone, smtp::Prober& prober) {
  const tls::TrustStore trust = tls::TrustStore::from_pem("");
  Probes probes{zone, prober, trust, now};
  Target target{*dns::Name::parse("example.org")};
  CheckReport report = test::run(check(target, probes));
  expect_worded(report.findings);
  expect_worded(report.unknowns);
  return report;
}
CheckReport run(Run check, const char* zone_text, std::map<std::string, Probe> given, Probe fallback = greeted({"mx"})) {
  dns::Zone zone = *dns::Zone::parse(zone_text);
  GivenProber prober;
  prober.given = std::move(given);
  prober.fallback = std::move(fallback);
  return run(check, zone, prober);
}

std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.emplace_back(finding.id);
  return out;
}
std::vector<std::string> starttls_ids(Probe probe) { return ids(run(&starttls::check, one_host, {{"192.0.2.1", std::move(probe)}}).findings); }
}  // namespace

TEST(SmtpCheck, FindsNothingWhereAllIsWell) {
  const CheckReport report = run(&smtp::check, dual_stack, {});
  EXPECT_EQ(report.outcome, Outcome::ran);
  EXPECT_THAT(report.findings, IsEmpty());
  const auto& addresses = report.facts.at("hosts").at(0).at("addresses").as_array();
  ASSERT_EQ(addresses.size(), 2u);
  EXPECT_EQ(addresses[1].at("family"), "ipv6");
  EXPECT_EQ(addresses[0].at("banner"), "220 mx.example.org ESMTP");
}

TEST(SmtpCheck, ADomainWithoutMailIsNotApplicable) {
  EXPECT_EQ(run(&smtp::check, "example.org. MX 0 .\n", {}).outcome, Outcome::not_applicable);
  EXPECT_THAT(run(&smtp::check, "example.org. TXT \"x\"\n", {}).reason, HasSubstr("neither MX records nor an address"));
  EXPECT_THAT(run(&smtp::check, "example.net. TXT \"x\"\n", {}).reason, HasSubstr("does not exist"));
  EXPECT_THAT(run(&smtp::check, "example.org. MX 10 gone.example.org.\n", {}).reason, HasSubstr("no mail host"));
  EXPECT_EQ(run(&smtp::check, "example.org. A 192.0.2.9\n", {}).outcome, Outcome::ran);  // RFC 5321 section 5.1
}

TEST(SmtpCheck, DnsThatFailsIsUnknown) {
  GivenProber prober;
  prober.fallback = greeted();
  dns::Zone zone = *dns::Zone::parse(two_hosts);
  zone.fail(*dns::Name::parse("example.org"), dns::Status::serv_fail);
  EXPECT_THAT(ids(run(&smtp::check, zone, prober).unknowns), ElementsAre("dns.no-answer"));
  dns::Zone half = *dns::Zone::parse(two_hosts);
  half.fail(*dns::Name::parse("mx2.example.org"), dns::Type::a, dns::Status::timed_out);
  const CheckReport report = run(&smtp::check, half, prober);
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_EQ(report.facts.at("hosts").at(0).at("addresses").as_array().size(), 1u);
}

TEST(SmtpCheck, AZoneFullOfAddressesMakesNoFlood) {
  std::string zone = "example.org. MX 10 mx.example.org.\n";
  for (int i = 1; i <= 200; ++i) zone += "mx.example.org. A 192.0.2." + std::to_string(i) + "\n";
  const CheckReport report = run(&smtp::check, zone.c_str(), {});
  EXPECT_EQ(report.facts.at("hosts").at(0).at("addresses").as_array().size(), smtp::max_probes);
  EXPECT_EQ(report.facts.at("addresses_not_probed"), 200 - smtp::max_probes);
}

TEST(SmtpCheck, RefusedIsAFactAndCriticalWhenNobodyAccepts) {
  const CheckReport one = run(&smtp::check, two_hosts, {{"192.0.2.1", refused()}});
  ASSERT_THAT(ids(one.findings), ElementsAre("smtp.refused"));
  EXPECT_FALSE(one.findings[0].severity);
  const CheckReport all = run(&smtp::check, two_hosts, {}, refused());
  ASSERT_THAT(ids(all.findings), ElementsAre("smtp.refused", "smtp.refused"));
  EXPECT_EQ(all.findings[1].severity, Severity::critical);
  const CheckReport mixed = run(&smtp::check, two_hosts, {{"192.0.2.1", refused()}}, silent());
  ASSERT_THAT(ids(mixed.findings), ElementsAre("smtp.refused"));
  EXPECT_FALSE(mixed.findings[0].severity);
  EXPECT_THAT(ids(mixed.unknowns), ElementsAre("smtp.unreachable"));
}

TEST(SmtpCheck, SilenceOfAllIsUnknownOfOneAWarning) {
  const CheckReport all = run(&smtp::check, two_hosts, {}, silent());
  EXPECT_EQ(all.outcome, Outcome::inconclusive);
  EXPECT_THAT(all.findings, IsEmpty());
  EXPECT_THAT(ids(all.unknowns), ElementsAre("smtp.unreachable"));
  const CheckReport one = run(&smtp::check, two_hosts, {{"192.0.2.2", silent()}});
  EXPECT_EQ(one.outcome, Outcome::ran);
  EXPECT_THAT(ids(one.findings), ElementsAre("smtp.silent"));
}

TEST(SmtpCheck, ServersThatLiveAndAreSilentOn25AloneAreBlockedOnTheWay) {
  Probe open;
  const CheckReport blocked = run(&smtp::check, two_hosts, {{"192.0.2.1:587", open}, {"192.0.2.2:443", refused()}}, silent());
  EXPECT_THAT(ids(blocked.unknowns), ElementsAre("smtp.unreachable", "smtp.port-25-blocked"));
  EXPECT_EQ(blocked.outcome, Outcome::inconclusive);
  EXPECT_EQ(blocked.unknowns[1].evidence.size(), 4u);  // two that are silent, two that live
  // One that answers on 25 shows that the port is open.
  EXPECT_THAT(run(&smtp::check, two_hosts, {{"192.0.2.1:25", greeted()}, {"192.0.2.1:587", open}}, silent()).unknowns, IsEmpty());
}

TEST(SmtpCheck, ExtensionsThatTlsLoses) {
  const auto with = [](std::vector<std::string> after) {
    Probe probe = greeted({"mx", "STARTTLS", "SIZE 1000", "8BITMIME", "SMTPUTF8"});
    probe.ehlo_after_tls = Reply{250, std::move(after)};
    probe.capabilities_after_tls = capabilities_of(*probe.ehlo_after_tls);
    return ids(run(&smtp::check, one_host, {{"192.0.2.1", probe}}).findings);
  };
  EXPECT_THAT(with({"mx", "SIZE 1000", "8BITMIME", "SMTPUTF8", "AUTH PLAIN"}), IsEmpty());
  EXPECT_THAT(with({"mx", "8BITMIME"}), ElementsAre("smtp.extensions-lost"));
}

TEST(SmtpCheck, AMessageLargerThanTheServerTakes) {
  const auto with = [](std::uint64_t size, std::vector<std::string> lines) {
    smtp::Survey seen;
    seen.hosts.resize(1);
    Probe& probe = seen.hosts[0].probes.emplace_back(greeted(std::move(lines)));
    probe.request.wishes.size = size;
    CheckReport report{.check = "smtp"};
    smtp::judge(seen, report);
    expect_worded(report.findings);
    return ids(report.findings);
  };
  EXPECT_THAT(with(1001, {"mx", "SIZE 1000"}), ElementsAre("smtp.size-too-small"));
  EXPECT_THAT(with(1000, {"mx", "SIZE 1000"}), IsEmpty());
  EXPECT_THAT(with(1'000'000'000, {"mx", "SIZE 0"}), IsEmpty());  // no fixed limit
  EXPECT_THAT(with(1'000'000'000, {"mx", "SIZE"}), IsEmpty());
}

TEST(SmtpCheck, MicrosoftIsNotAskedAboutRecipients) {
  smtp::Survey seen;
  seen.hosts.resize(2);
  seen.hosts[0].host.name = *dns::Name::parse("example-org.mail.protection.outlook.com");
  seen.hosts[1].host.name = *dns::Name::parse("mx.example.org");
  CheckReport report{.check = "smtp"};
  smtp::judge_rcpt_not_asked(seen, report);
  EXPECT_THAT(ids(report.findings), ElementsAre("smtp.rcpt-not-asked"));
  EXPECT_FALSE(smtp::forbids_rcpt_probes(seen.hosts[1].host));
}

TEST(SmtpCheck, TheSlowStageIsNamed) {
  const auto with = [](std::vector<smtp::StageRecord> stages, const smtp::TimeLimits& limits = {}) {
    smtp::Survey seen;
    seen.hosts.resize(1);
    seen.hosts[0].probes.resize(1);
    seen.hosts[0].probes[0].stages = std::move(stages);
    CheckReport report{.check = "smtp"};
    smtp::judge_times(seen, limits, report);
    expect_worded(report.findings);
    return report.findings;
  };
  using Outcome = smtp::StageRecord::Outcome;
  EXPECT_THAT(with({{Stage::connect, 0us, 20ms, Outcome::passed}, {Stage::ehlo, 20ms, 6s, Outcome::passed}})[0].args, testing::Contains(std::pair<std::string, std::string>("stage", "EHLO")));
  EXPECT_THAT(with({{Stage::connect, 0us, 20ms, Outcome::passed}, {Stage::banner, 20ms, 9s, Outcome::passed}}), IsEmpty());  // smtp.slow-banner
  EXPECT_THAT(with({{Stage::connect, 0us, 8s, Outcome::failed}}), IsEmpty());                                               // our patience, not its slowness
  EXPECT_THAT(with({{Stage::connect, 0us, 20ms, Outcome::passed}}, {.warning = 1.0, .error = 2.0}), IsEmpty());
  const std::vector<smtp::StageRecord> slow{{Stage::connect, 0us, 20ms, Outcome::passed}, {Stage::ehlo, 20ms, 1500ms, Outcome::passed}};
  EXPECT_EQ(with(slow, {.warning = 1.0, .error = 2.0})[0].severity, Severity::warning);
  EXPECT_EQ(with(slow, {.warning = 0.5, .error = 1.0})[0].severity, Severity::error);
  EXPECT_EQ(with(slow, {.warning = 0.5, .error = 1.0})[0].id, "smtp.slow");
}

TEST(SmtpCheck, OurOwnNameIsHeldAgainstDns) {
  const auto with = [](const char* zone_text, std::string name, const char* from, std::optional<dns::Status> failed = {}) {
    dns::Zone zone = *dns::Zone::parse(zone_text);
    if (failed) zone.fail(*dns::Name::parse("our.example.net"), *failed);
    smtp::Survey seen;
    seen.hosts.resize(1);
    Probe& probe = seen.hosts[0].probes.emplace_back(greeted());
    probe.request.endpoint = {*net::parse_address("192.0.2.1"), 25};
    probe.our_name = std::move(name);
    probe.our_address = *net::parse_address(from);
    probe.stages = {{Stage::ehlo, 0us, 1ms, smtp::StageRecord::Outcome::passed}};
    CheckReport report{.check = "smtp"};
    const auto judged = [&]() -> asio::awaitable<bool> {
      co_await smtp::judge_our_name(seen, zone, report);
      co_return true;
    };
    test::run(judged());
    expect_worded(report.findings);
    return ids(report.findings);
  };
  constexpr const char* ours = "our.example.net. A 8.8.4.4\n";
  EXPECT_THAT(with(ours, "our.example.net", "8.8.4.4"), IsEmpty());
  EXPECT_THAT(with(ours, "our.example.net", "8.8.8.8"), ElementsAre("smtp.our-name-elsewhere"));
  EXPECT_THAT(with(ours, "our.example.net", "10.0.0.7"), IsEmpty());  // behind NAT
  EXPECT_THAT(with(ours, "gone.example.net", "10.0.0.7"), ElementsAre("smtp.our-name-missing"));
  EXPECT_THAT(with(ours, "[192.0.2.7]", "8.8.8.8"), ElementsAre("smtp.our-name-literal"));
  EXPECT_THAT(with(ours, "our.example.net", "8.8.8.8", dns::Status::timed_out), IsEmpty());  // not asked, not judged
}

TEST(SmtpCheck, DeadIpv6IsToldFromNoIpv6Here) {
  EXPECT_THAT(ids(run(&smtp::check, dual_stack, {{"2001:db8::1", silent()}}).findings), ElementsAre("smtp.ipv6-dead"));
  EXPECT_THAT(ids(run(&smtp::check, dual_stack, {{"2001:db8::1", refused()}}).findings), ElementsAre("smtp.ipv6-dead"));
  const CheckReport here = run(&smtp::check, dual_stack, {{"2001:db8::1", no_ipv6()}});
  EXPECT_EQ(here.outcome, Outcome::ran);
  EXPECT_THAT(here.findings, IsEmpty());
  const CheckReport only = run(&smtp::check, "example.org. MX 1 mx.example.org.\nmx.example.org. AAAA 2001:db8::1\n", {}, no_ipv6());
  EXPECT_THAT(ids(only.unknowns), ElementsAre("smtp.no-ipv6-here"));
}

TEST(SmtpCheck, BusyIsUnknownAndRefusalIsAWarning) {
  const CheckReport busy = run(&smtp::check, one_host, {}, banner(421, "4.3.2 later"));
  EXPECT_THAT(ids(busy.unknowns), ElementsAre("smtp.busy"));
  EXPECT_THAT(busy.findings, IsEmpty());
  EXPECT_EQ(busy.unknowns[0].evidence[0].text, "421 4.3.2 later");
  EXPECT_THAT(ids(run(&smtp::check, one_host, {}, banner(554, "no")).findings), ElementsAre("smtp.banner-rejected"));
  Probe later = stopped(Stage::ehlo, Cause::ehlo_rejected);
  later.ehlo = Reply{421, {"later"}};
  EXPECT_THAT(ids(run(&smtp::check, one_host, {}, later).unknowns), ElementsAre("smtp.busy"));
  later.helo = Reply{550, {"no"}};
  EXPECT_THAT(ids(run(&smtp::check, one_host, {}, later).findings), ElementsAre("smtp.ehlo-rejected"));
}

TEST(SmtpCheck, EachEndingHasItsName) {
  const auto of = [](Probe probe) { return run(&smtp::check, one_host, {}, std::move(probe)); };
  EXPECT_THAT(ids(of(stopped(Stage::banner, Cause::not_smtp)).findings), ElementsAre("smtp.not-smtp"));
  EXPECT_THAT(ids(of(stopped(Stage::banner, Cause::closed)).findings), ElementsAre("smtp.closed-before-banner"));
  EXPECT_THAT(ids(of(stopped(Stage::banner, Cause::timed_out)).unknowns), ElementsAre("smtp.no-reply"));
  EXPECT_THAT(ids(of(stopped(Stage::ehlo, Cause::reset)).findings), ElementsAre("smtp.cut-off"));
  EXPECT_THAT(ids(of(stopped(Stage::ehlo, Cause::reply_malformed)).findings), ElementsAre("smtp.malformed-reply"));
  EXPECT_THAT(ids(of(stopped(Stage::ehlo, Cause::reply_too_long)).findings), ElementsAre("smtp.reply-too-long"));
  EXPECT_THAT(ids(of(stopped(Stage::connect, Cause::local_error)).unknowns), ElementsAre("smtp.local-error"));
  EXPECT_THAT(ids(of(stopped(Stage::tls, Cause::tls_failed)).findings), IsEmpty());  // the other check's
}

TEST(SmtpCheck, FormOfTheConversation) {
  const auto of = [](Probe probe) { return ids(run(&smtp::check, one_host, {}, std::move(probe)).findings); };
  Probe helo = greeted();
  helo.capabilities.reset();
  helo.ehlo = Reply{500, {"what"}};
  helo.helo = Reply{250, {"mx"}};
  EXPECT_THAT(of(helo), ElementsAre("smtp.helo-only"));
  Probe bare = greeted();
  bare.bare_lf = true;
  EXPECT_THAT(of(bare), ElementsAre("smtp.bare-lf"));
  Probe mixed = greeted();
  mixed.ehlo->other_codes = {251};
  EXPECT_THAT(of(mixed), ElementsAre("smtp.mixed-codes"));
  EXPECT_THAT(of(greeted({"mx", "XXXXXXXA"})), ElementsAre("smtp.intercepted"));
  Probe slow = greeted();
  slow.stages.push_back({Stage::banner, 0s, 12s, smtp::StageRecord::Outcome::passed});
  EXPECT_THAT(of(slow), ElementsAre("smtp.slow-banner"));
  EXPECT_THAT(ids(run(&smtp::check, two_hosts, {{"192.0.2.1", greeted({"mx", "SIZE 10"})}}, greeted({"mx", "SIZE 20"})).findings),
              ElementsAre("smtp.extensions-differ"));
}

TEST(StarttlsCheck, FindsNothingWhereAllIsWell) {
  const CheckReport report = run(&starttls::check, one_host, {}, secured());
  EXPECT_EQ(report.outcome, Outcome::ran);
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.facts.at("hosts").at(0).at("addresses").at(0).at("tls").at("trusted"), true);
}

TEST(StarttlsCheck, MissingOnlyWhereItWasMeasured) {
  EXPECT_THAT(starttls_ids(greeted({"mx"})), ElementsAre("starttls.missing"));
  for (const Probe& probe : {banner(421, "later"), silent(), refused(), banner(554, "no"), stopped(Stage::banner, Cause::timed_out)}) {
    const CheckReport report = run(&starttls::check, one_host, {}, probe);
    EXPECT_THAT(report.findings, IsEmpty()) << cause_text(probe.cause);
    EXPECT_THAT(ids(report.unknowns), ElementsAre("starttls.not-measured"));
    EXPECT_EQ(report.outcome, Outcome::inconclusive);
  }
  // Another address of the same host told it.
  EXPECT_EQ(run(&starttls::check, dual_stack, {{"2001:db8::1", no_ipv6()}}, secured()).outcome, Outcome::ran);
}

TEST(StarttlsCheck, RefusedAndFailed) {
  Probe no = greeted();
  no.stopped_at = Stage::starttls;
  no.cause = Cause::starttls_rejected;
  no.starttls = Reply{454, {"4.7.0 TLS not available"}};
  EXPECT_THAT(starttls_ids(no), ElementsAre("starttls.refused"));
  no.starttls->code = 421;
  EXPECT_THAT(starttls_ids(no), IsEmpty());
  Probe failed = greeted();
  failed.stopped_at = Stage::tls;
  failed.cause = Cause::tls_failed;
  failed.handshake.emplace().failure = tls::Failure::alert;
  failed.handshake->alert = tls::Alert{.name = "handshake_failure", .code = 40, .from_peer = true};
  const CheckReport report = run(&starttls::check, one_host, {}, failed);
  ASSERT_THAT(ids(report.findings), ElementsAre("starttls.handshake-failed", "starttls.alert-no-suite"));
  EXPECT_THAT(report.findings[0].args, testing::Contains(testing::Pair("alert", "handshake_failure")));
  failed.handshake->failure = tls::Failure::timed_out;
  failed.handshake->alert.reset();
  EXPECT_THAT(ids(run(&starttls::check, one_host, {}, failed).unknowns), ElementsAre("starttls.not-measured"));
  Probe cut = greeted();
  cut.stopped_at = Stage::starttls;
  cut.cause = Cause::closed;
  EXPECT_THAT(starttls_ids(cut), ElementsAre("starttls.handshake-failed"));
}

TEST(StarttlsCheck, CertificatesEachTroubleApart) {
  const auto with = [](auto change) {
    Probe probe = secured();
    change(probe.handshake->chain[0], probe.handshake->verification, *probe.handshake);
    return starttls_ids(std::move(probe));
  };
  using C = tls::Certificate;
  using V = tls::Verification;
  using H = tls::Handshake;
  EXPECT_THAT(with([](C& c, V& v, H&) { c.not_after = now - 24h; v.trusted = false; v.expired = true; }), ElementsAre("starttls.certificate-expired"));
  EXPECT_THAT(with([](C& c, V& v, H&) { c.not_before = now + 1h; v.not_yet_valid = true; }), ElementsAre("starttls.certificate-not-yet-valid"));
  EXPECT_THAT(with([](C& c, V&, H&) { c.not_before = now - 24h * 80; c.not_after = now + 24h * 10; }), ElementsAre("starttls.certificate-expires-soon"));
  EXPECT_THAT(with([](C&, V& v, H&) { v.expired = true; v.depth = 1; }), ElementsAre("starttls.chain-expired"));
  EXPECT_THAT(with([](C&, V& v, H&) { v.anchored = false; v.self_signed = true; }), ElementsAre("starttls.self-signed"));
  EXPECT_THAT(with([](C&, V& v, H&) { v.anchored = false; v.incomplete_chain = true; }), ElementsAre("starttls.chain-incomplete"));
  EXPECT_THAT(with([](C&, V& v, H&) { v.anchored = false; v.unknown_issuer = true; }), ElementsAre("starttls.untrusted"));
  EXPECT_THAT(with([](C&, V& v, H&) { v.name_matches = false; }), ElementsAre("starttls.name-mismatch"));
  EXPECT_THAT(with([](C& c, V&, H&) { c.key_type = "RSA"; c.key_bits = 1024; }), ElementsAre("starttls.weak-key"));
  EXPECT_THAT(with([](C& c, V&, H&) { c.signature_digest = "SHA1"; }), ElementsAre("starttls.weak-signature"));
  EXPECT_THAT(with([](C&, V&, H& h) { h.protocol = "TLSv1.1"; }), ElementsAre("starttls.old-protocol"));
  EXPECT_THAT(with([](C&, V&, H& h) { h.protocol = "TLSv1.2"; }), IsEmpty());
}

TEST(StarttlsCheck, TheOrderOfTheChain) {
  const auto with = [](std::vector<std::pair<std::string, std::string>> subjects_and_issuers) {
    Probe probe = secured();
    auto& chain = probe.handshake->chain;
    chain.resize(subjects_and_issuers.size(), chain[0]);
    for (std::size_t i = 0; i < chain.size(); ++i) {
      chain[i].subject = subjects_and_issuers[i].first;
      chain[i].issuer = subjects_and_issuers[i].second;
      chain[i].der = chain[i].subject + "<" + chain[i].issuer;
    }
    return starttls_ids(std::move(probe));
  };
  EXPECT_THAT(with({{"mx", "R3"}, {"R3", "X1"}}), IsEmpty());
  EXPECT_THAT(with({{"mx", "R3"}, {"R3", "X1"}, {"X1", "X1"}}), IsEmpty());                // the root as well: DANE may need it
  EXPECT_THAT(with({{"mx", "R3"}, {"R3", "X1"}, {"R3", "DST"}, {"X1", "X1"}}), IsEmpty());  // cross-signed
  EXPECT_THAT(with({{"mx", "R3"}, {"X1", "X1"}, {"R3", "X1"}}), ElementsAre("starttls.chain-disordered"));
  EXPECT_THAT(with({{"mx", "R3"}, {"R3", "X1"}, {"Old CA", "Root"}}), ElementsAre("starttls.chain-superfluous"));
  EXPECT_THAT(with({{"mx", "R3"}, {"R3", "X1"}, {"R3", "X1"}}), ElementsAre("starttls.chain-superfluous"));
  EXPECT_THAT(with({{"mx", "mx"}}), IsEmpty());
}

namespace {
/// The check's judgement of one server at `port`.
CheckReport judged_at(std::uint16_t port, Probe probe) {
  probe.request.endpoint = {*net::parse_address("192.0.2.1"), port};
  smtp::Survey seen;
  seen.hosts.resize(1);
  seen.hosts[0].host.name = *dns::Name::parse("mx.example.org");
  seen.hosts[0].probes = {std::move(probe)};
  CheckReport report{.check = "starttls"};
  starttls::judge(seen, now, report);
  expect_worded(report.findings);
  return report;
}
std::optional<Severity> severity_at(std::uint16_t port, const Probe& probe, std::string_view id) {
  const CheckReport report = judged_at(port, probe);
  for (const Finding& finding : report.findings)
    if (finding.id == id) return finding.severity;
  ADD_FAILURE() << "no " << id;
  return std::nullopt;
}
}  // namespace

TEST(StarttlsCheck, TrustAndNameWeighMoreOnASubmissionPort) {
  Probe probe = secured();
  tls::Verification& verified = probe.handshake->verification;
  verified.anchored = false;
  verified.self_signed = true;
  EXPECT_EQ(severity_at(25, probe, "starttls.self-signed"), std::nullopt);
  EXPECT_EQ(severity_at(587, probe, "starttls.self-signed"), Severity::error);
  verified.self_signed = false;
  EXPECT_EQ(severity_at(25, probe, "starttls.untrusted"), std::nullopt);
  EXPECT_EQ(severity_at(465, probe, "starttls.untrusted"), Severity::error);
  verified.name_matches = false;
  EXPECT_EQ(severity_at(25, probe, "starttls.name-mismatch"), Severity::info);
  EXPECT_EQ(severity_at(587, probe, "starttls.name-mismatch"), Severity::error);
  EXPECT_THAT(ids(judged_at(587, secured()).findings), IsEmpty());
}

TEST(StarttlsCheck, ClientCertificates) {
  Probe asked = secured();
  asked.handshake->certificate_requested = true;
  EXPECT_THAT(starttls_ids(asked), ElementsAre("starttls.client-certificate-requested"));
  // TLS 1.3 says it after the handshake.
  asked.handshake->alert = tls::Alert{.name = "certificate_required", .code = 116, .from_peer = true};
  EXPECT_THAT(starttls_ids(asked), ElementsAre("starttls.client-certificate-required"));
  EXPECT_EQ(severity_at(25, asked, "starttls.client-certificate-required"), std::nullopt);
  EXPECT_EQ(severity_at(587, asked, "starttls.client-certificate-required"), Severity::warning);
  Probe refused = greeted();
  refused.stopped_at = Stage::tls;
  refused.cause = Cause::tls_failed;
  refused.handshake.emplace().failure = tls::Failure::alert;
  refused.handshake->certificate_requested = true;
  refused.handshake->alert = tls::Alert{.name = "handshake_failure", .code = 40, .from_peer = true};
  EXPECT_THAT(starttls_ids(refused), ElementsAre("starttls.handshake-failed", "starttls.client-certificate-required"));
  // Silence after the request tells nothing.
  refused.handshake->failure = tls::Failure::timed_out;
  refused.handshake->alert.reset();
  EXPECT_THAT(starttls_ids(refused), IsEmpty());
  EXPECT_THAT(starttls_ids(secured()), IsEmpty());
}

TEST(StarttlsCheck, AStapleIsAFact) {
  Probe probe = secured();
  const auto fact = [&] { return run(&starttls::check, one_host, {{"192.0.2.1", probe}}).facts.at("hosts").at(0).at("addresses").at(0).at("tls").as_object(); };
  EXPECT_EQ(fact().at("ocsp_stapled"), false);
  probe.handshake->ocsp_stapled = true;
  EXPECT_EQ(fact().at("ocsp_stapled"), true);
  probe.handshake->completed = false;  // then nothing is known of it
  EXPECT_FALSE(fact().contains("ocsp_stapled"));
}

// RFC 6960, RFC 7633
TEST(StarttlsCheck, StaplesAreJudged) {
  using Status = tls::Staple::Status;
  const auto stapled = [](tls::Staple staple) {
    Probe probe = secured();
    probe.handshake->ocsp_stapled = true;
    probe.handshake->staple = std::move(staple);
    return probe;
  };
  tls::Staple staple{.status = Status::good, .this_update = now - 24h, .next_update = now + 24h, .is_signed = true};
  EXPECT_THAT(starttls_ids(stapled(staple)), IsEmpty());
  staple.next_update.reset();  // newer ones are always there
  EXPECT_THAT(starttls_ids(stapled(staple)), IsEmpty());
  staple.next_update = now - 1h;
  EXPECT_THAT(starttls_ids(stapled(staple)), ElementsAre("starttls.staple-stale"));
  staple.next_update = now + 1h;
  staple.status = Status::revoked;
  EXPECT_THAT(starttls_ids(stapled(staple)), ElementsAre("starttls.staple-revoked"));
  // Anybody may write "revoked".
  staple.is_signed = false;
  EXPECT_THAT(starttls_ids(stapled(staple)), ElementsAre("starttls.staple-unusable"));
  staple.is_signed.reset();
  const CheckReport open = run(&starttls::check, one_host, {{"192.0.2.1", stapled(staple)}});
  EXPECT_THAT(open.findings, IsEmpty());
  ASSERT_EQ(open.unknowns.size(), 1u);
  EXPECT_EQ(open.unknowns[0].id, "starttls.staple-unverified");
  for (const Status status : {Status::not_for_it, Status::no_answer, Status::unreadable})
    EXPECT_THAT(starttls_ids(stapled({.status = status})), ElementsAre("starttls.staple-unusable"));
}

TEST(StarttlsCheck, ACertificateThatAsksForAStaple) {
  Probe probe = secured();
  EXPECT_THAT(starttls_ids(probe), IsEmpty());
  probe.handshake->chain.front().must_staple = true;
  EXPECT_THAT(starttls_ids(probe), ElementsAre("starttls.staple-missing"));
  EXPECT_EQ(severity_at(25, probe, "starttls.staple-missing"), std::nullopt);
  EXPECT_EQ(severity_at(587, probe, "starttls.staple-missing"), Severity::error);
}

TEST(StarttlsCheck, AlertsAreExplained) {
  const auto alert = [](int code, bool from_peer = true) {
    Probe probe = greeted();
    probe.stopped_at = Stage::tls;
    probe.cause = Cause::tls_failed;
    probe.handshake.emplace().failure = tls::Failure::alert;
    probe.handshake->alert = tls::Alert{.name = "some_alert", .code = code, .from_peer = from_peer};
    return starttls_ids(std::move(probe));
  };
  EXPECT_THAT(alert(40), ElementsAre("starttls.handshake-failed", "starttls.alert-no-suite"));
  EXPECT_THAT(alert(70), ElementsAre("starttls.handshake-failed", "starttls.alert-no-version"));
  EXPECT_THAT(alert(112), ElementsAre("starttls.handshake-failed", "starttls.alert-name"));
  EXPECT_THAT(alert(42), ElementsAre("starttls.handshake-failed", "starttls.alert-certificate"));
  EXPECT_THAT(alert(80), ElementsAre("starttls.handshake-failed", "starttls.alert-internal"));
  EXPECT_THAT(alert(50), ElementsAre("starttls.handshake-failed", "starttls.alert-hello"));
  EXPECT_THAT(alert(90), ElementsAre("starttls.handshake-failed"));
  EXPECT_THAT(alert(70, false), ElementsAre("starttls.handshake-failed"));
  Probe warned = secured();
  warned.handshake->warnings = {tls::Alert{.name = "unrecognized_name", .code = 112, .fatal = false, .from_peer = true}};
  EXPECT_THAT(starttls_ids(warned), ElementsAre("starttls.alert-name"));
}

TEST(StarttlsCheck, RequireTlsNeedsAnIdentity) {
  const auto with = [](auto change) {
    Probe probe = secured();
    probe.ehlo = Reply{250, {"mx.example.org", "REQUIRETLS"}};
    probe.capabilities = capabilities_of(*probe.ehlo);
    change(probe.handshake->verification);
    return starttls_ids(std::move(probe));
  };
  using V = tls::Verification;
  EXPECT_THAT(with([](V&) {}), ElementsAre("starttls.requiretls"));
  EXPECT_THAT(with([](V& v) { v.trusted = v.anchored = false; }), ElementsAre("starttls.untrusted", "starttls.requiretls-without-identity"));
  EXPECT_THAT(with([](V& v) { v.name_matches = false; }), ElementsAre("starttls.name-mismatch", "starttls.requiretls-without-identity"));
  EXPECT_THAT(with([](V& v) { v = V(); }), IsEmpty());  // could not be told: "starttls.no-trust-store" says so
  EXPECT_THAT(starttls_ids(secured()), IsEmpty());
}

TEST(StarttlsCheck, AnUnusableTrustStoreIsUnknown) {
  Probe probe = secured();
  probe.handshake->verification = tls::Verification{.text = "/ca.pem: No such file or directory", .name_matches = true};
  const CheckReport report = run(&starttls::check, one_host, {}, probe);
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(ids(report.unknowns), ElementsAre("starttls.no-trust-store"));
}

TEST(StarttlsCheck, WhatTlsShowedCountsWhateverComesAfterIt) {
  Probe probe = secured();
  probe.cause = Cause::timed_out;
  probe.stopped_at = Stage::ehlo_after_tls;
  probe.handshake->protocol = "TLSv1";
  EXPECT_THAT(starttls_ids(probe), ElementsAre("starttls.old-protocol"));
}

TEST(StarttlsCheck, OneFindingForAHostWithTheEvidenceOfEachAddress) {
  const CheckReport report = run(&starttls::check, dual_stack, {}, greeted({"mx"}));
  ASSERT_THAT(ids(report.findings), ElementsAre("starttls.missing"));
  EXPECT_EQ(report.findings[0].evidence.size(), 2u);
}

TEST(StarttlsCheck, AMissingStarttlsWeighsMoreWhereProgramsSignIn) {
  const Probe plain = greeted({"mx.example.org"});
  EXPECT_EQ(severity_at(25, plain, "starttls.missing"), std::nullopt);
  EXPECT_EQ(severity_at(587, plain, "starttls.missing"), Severity::error);
}

TEST(StarttlsCheck, TheUserSaysWhenAnExpiryIsNear) {
  tls::Certificate certificate;
  certificate.not_before = now;
  certificate.not_after = now + 24h * 90;
  EXPECT_EQ(expiry_limits(certificate, {.warning = 30, .error = 10}).warning, 24h * 30);
  EXPECT_EQ(expiry_limits(certificate, {.warning = 30, .error = 10}).error, 24h * 10);
  EXPECT_EQ(expiry_limits(certificate, {.warning = {}, .error = 20}).warning, 24h * 20);  // never later than the problem
  EXPECT_EQ(expiry_limits(certificate, {.warning = 3, .error = {}}).error, 24h * 7);
}

TEST(StarttlsCheck, ExpiryLimitsFollowTheLifeOfTheCertificate) {
  tls::Certificate certificate;
  certificate.not_before = now;
  certificate.not_after = now + 24h * 90;
  EXPECT_EQ(expiry_limits(certificate).warning, 24h * 14);
  EXPECT_EQ(expiry_limits(certificate).error, 24h * 7);
  certificate.not_after = now + 24h * 6;
  EXPECT_EQ(expiry_limits(certificate).warning, 36h);
  EXPECT_EQ(expiry_limits(certificate).error, 18h);
}

TEST(BothChecks, ShareOneConnectionToARealServer) {
  const demo::ScriptedSmtpServer server(demo::Script::polite(demo::make_identity({.dns_names = {"other.example.org"}})));
  smtp::NetworkOptions options;
  options.timeout = 5000ms;
  options.connect_to = {*net::ConnectTo::parse("mx.example.org:25:127.0.0.1:" + std::to_string(server.endpoint().port))};
  const auto trust = tls::TrustStore::from_pem(demo::make_identity({.authority = true}).certificate);
  smtp::NetworkProber network(options, trust, now);
  smtp::SharingProber prober(network);
  dns::Zone zone = *dns::Zone::parse(one_host);
  const Target target{*dns::Name::parse("example.org")};
  Probes probes{zone, prober, trust, now};
  const auto both = [&]() -> asio::awaitable<std::vector<CheckReport>> {
    std::vector<CheckReport> out;
    out.push_back(co_await smtp::check(target, probes));
    out.push_back(co_await starttls::check(target, probes));
    co_return out;
  };
  const std::vector<CheckReport> reports = test::run(both());
  EXPECT_EQ(server.connections(), 1);
  EXPECT_THAT(ids(reports[0].findings), IsEmpty());
  EXPECT_THAT(ids(reports[1].findings), UnorderedElementsAre("starttls.self-signed", "starttls.name-mismatch"));
  const auto& facts = reports[1].facts.at("hosts").at(0).at("addresses").at(0);
  EXPECT_EQ(facts.at("tls").at("version"), "TLSv1.3");
  EXPECT_EQ(facts.at("certificate").at("names").at(0), "other.example.org");
  EXPECT_EQ(facts.at("cause"), "none");
}

TEST(BothChecks, SilentRealServer) {
  const demo::ScriptedSmtpServer server(demo::Script().hang());
  smtp::NetworkOptions options;
  options.timeout = 150ms;
  options.connect_to = {*net::ConnectTo::parse(":25:127.0.0.1:" + std::to_string(server.endpoint().port))};
  const auto trust = tls::TrustStore::system();
  smtp::NetworkProber network(options, trust, now);
  smtp::SharingProber prober(network);
  dns::Zone zone = *dns::Zone::parse(one_host);
  EXPECT_THAT(ids(run(&smtp::check, zone, prober).unknowns), ElementsAre("smtp.no-reply"));
  EXPECT_THAT(ids(run(&starttls::check, zone, prober).unknowns), ElementsAre("starttls.not-measured"));
}

// ---- what goes beyond the greetings

namespace {
/// Judged as the one address of mx.example.org.
CheckReport judged(Probe probe, std::uint16_t port = 587) {
  probe.request.endpoint = {*net::parse_address("192.0.2.25"), port};
  smtp::Survey survey;
  survey.mail.domain = *dns::Name::parse("example.org");
  smtp::SurveyedHost host;
  host.host.name = *dns::Name::parse("mx.example.org");
  host.probes = {std::move(probe)};
  survey.hosts = {host};
  CheckReport report;
  smtp::judge(survey, report);
  expect_worded(report.findings);
  expect_worded(report.unknowns);
  return report;
}
Probe login(Cause cause, int code, const std::string& words = "no", bool encrypted = true) {
  Probe out = greeted();
  out.stopped_at = Stage::auth;
  out.cause = cause;
  out.login = smtp::LoginSeen{.mechanism = "PLAIN", .reply = Reply{code, {words}}, .encrypted = encrypted, .why = "because"};
  return out;
}
Probe refusing(Cause cause, Stage stage, std::optional<Reply> Probe::*where, int code, const std::string& words = "no") {
  Probe out = greeted();
  out.stopped_at = stage;
  out.cause = cause;
  out.*where = Reply{code, {words}};
  return out;
}
}  // namespace

TEST(SmtpLogin, EachCodeHasItsMeaning) {  // RFC 4954 section 6
  const std::tuple<int, const char*, bool, const char*> cases[] = {
      {535, "5.7.8 authentication failed", true, "smtp.auth-rejected"},
      {550, "no", true, "smtp.auth-rejected"},
      {535, "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant", true, "smtp.auth-disabled"},
      {534, "5.7.9 Application-specific password required", true, "smtp.auth-app-password"},
      {535, "Login Fail. Please enter your authorization code to login", true, "smtp.auth-app-password"},
      {534, "5.7.9 too weak", true, "smtp.auth-too-weak"},
      {432, "4.7.12 transition", true, "smtp.auth-password-change"},
      {538, "5.7.11 encryption required", false, "smtp.auth-needs-tls"},
      {530, "5.7.0 Must issue a STARTTLS command first", false, "smtp.auth-needs-tls"},
      {504, "5.5.4 unrecognized type", true, "smtp.auth-not-understood"},
      {500, "what", true, "smtp.auth-not-understood"},
  };
  for (const auto& [code, words, encrypted, id] : cases) {
    const CheckReport report = judged(login(Cause::auth_rejected, code, words, encrypted));
    EXPECT_THAT(ids(report.findings), ElementsAre(id)) << code << ' ' << words;
    EXPECT_THAT(report.unknowns, IsEmpty());
  }
}

TEST(SmtpLogin, LaterIsNoVerdict) {
  for (const int code : {421, 454}) {
    const CheckReport report = judged(login(Cause::auth_rejected, code));
    EXPECT_THAT(report.findings, IsEmpty());
    EXPECT_THAT(ids(report.unknowns), ElementsAre("smtp.later"));
  }
}

TEST(SmtpLogin, WhatCouldNotBeTried) {
  EXPECT_THAT(ids(judged(login(Cause::auth_not_offered, 0)).findings), ElementsAre("smtp.auth-not-offered"));
  EXPECT_THAT(ids(judged(login(Cause::auth_in_clear, 0, "", false)).findings), ElementsAre("smtp.auth-in-clear"));
  EXPECT_THAT(ids(judged(login(Cause::auth_impossible, 0)).findings), ElementsAre("smtp.auth-impossible"));
  EXPECT_THAT(ids(judged(login(Cause::auth_broken, 501)).findings), ElementsAre("smtp.auth-broken"));
}

TEST(SmtpLogin, NoLoginAtAServerThatProvesNothing) {
  Probe probe = secured();
  probe.stopped_at = Stage::auth;
  probe.cause = Cause::auth_untrusted;
  probe.handshake->verification.name_matches = false;
  EXPECT_THAT(ids(judged(probe).findings), ElementsAre("smtp.auth-untrusted"));
}

TEST(SmtpLogin, LetInIsNoNewsUnlessSomethingIsOdd) {
  Probe good = login(Cause::none, 235);
  good.stopped_at.reset();
  EXPECT_THAT(judged(good).findings, IsEmpty());
  Probe clear = good;
  clear.login->encrypted = false;
  EXPECT_THAT(ids(judged(clear).findings), ElementsAre("smtp.auth-sent-in-clear"));
  Probe unproven = good;
  unproven.login->server_proven = false;
  EXPECT_THAT(ids(judged(unproven).findings), ElementsAre("smtp.auth-server-unproven"));
}

TEST(SmtpLogin, OfferedBeforeTlsIsAFaultOfSubmission) {  // RFC 8314 section 3.3
  Probe early = greeted({"mx.example.org", "STARTTLS", "AUTH PLAIN"});
  early.ehlo = Reply{250, {"mx.example.org", "STARTTLS", "AUTH PLAIN"}};
  early.capabilities = smtp::capabilities_of(*early.ehlo);
  EXPECT_THAT(ids(judged(early, 587).findings), ElementsAre("smtp.auth-before-tls"));
  EXPECT_THAT(judged(early, 25).findings, IsEmpty());
  early.request.encryption = smtp::Encryption::implicit;
  EXPECT_THAT(judged(early, 587).findings, IsEmpty());
}

TEST(SmtpEnvelope, RefusalsAndLater) {
  EXPECT_THAT(ids(judged(refusing(Cause::mail_rejected, Stage::mail, &Probe::mail, 550)).findings), ElementsAre("smtp.mail-rejected"));
  EXPECT_THAT(ids(judged(refusing(Cause::mail_rejected, Stage::mail, &Probe::mail, 530, "5.7.0 Must issue a STARTTLS command first")).findings), ElementsAre("smtp.tls-required"));
  EXPECT_THAT(ids(judged(refusing(Cause::rcpt_rejected, Stage::rcpt, &Probe::rcpt, 550)).findings), ElementsAre("smtp.rcpt-rejected"));
  EXPECT_THAT(ids(judged(refusing(Cause::data_rejected, Stage::data, &Probe::data, 554)).findings), ElementsAre("smtp.data-rejected"));
  EXPECT_THAT(ids(judged(refusing(Cause::xclient_rejected, Stage::xclient, &Probe::xclient, 550)).findings), ElementsAre("smtp.xclient-rejected"));
  const CheckReport grey = judged(refusing(Cause::rcpt_rejected, Stage::rcpt, &Probe::rcpt, 450, "4.2.0 greylisted"));
  EXPECT_THAT(grey.findings, IsEmpty());
  EXPECT_THAT(ids(grey.unknowns), ElementsAre("smtp.later"));
}

TEST(SmtpEnvelope, MissingExtensions) {
  Probe left_out = greeted();
  left_out.not_offered = {"DSN"};
  EXPECT_THAT(ids(judged(left_out).findings), ElementsAre("smtp.parameter-left-out"));
  Probe stopped_there = left_out;
  stopped_there.cause = Cause::extension_missing;
  stopped_there.stopped_at = Stage::mail;
  EXPECT_THAT(ids(judged(stopped_there).findings), ElementsAre("smtp.extension-missing"));
  Probe no_xclient = greeted();
  no_xclient.cause = Cause::xclient_not_offered;
  no_xclient.stopped_at = Stage::xclient;
  no_xclient.not_offered = {"XCLIENT ADDR"};
  EXPECT_THAT(ids(judged(no_xclient).findings), ElementsAre("smtp.xclient-not-offered"));
}

TEST(SmtpQuit, UnansweredOnlyWhereItWasWaitedFor) {
  Probe probe = greeted();
  probe.stages.push_back({Stage::quit, {}, {}, smtp::StageRecord::Outcome::failed});
  EXPECT_THAT(judged(probe).findings, IsEmpty());
  probe.request.await_quit = true;
  EXPECT_THAT(ids(judged(probe).findings), ElementsAre("smtp.quit-unanswered"));
  probe.quit = Reply{221, {"bye"}};
  EXPECT_THAT(judged(probe).findings, IsEmpty());
}
