// MTA-STS: zone text and served policies in, findings out.
#include <gmock/gmock.h>

#include "checks/mta_sts/check.hpp"
#include "checks/mta_sts/judge.hpp"
#include "checks/mta_sts/policy.hpp"
#include "checks/mta_sts/record.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"
#include "tests/support/web.hpp"

using namespace mailmedic;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

constexpr std::string_view good_zone = R"(
example.org.              MX   10 mx1.example.org.
mx1.example.org.          A    192.0.2.1
_mta-sts.example.org.     TXT  "v=STSv1; id=20260101T000000;"
mta-sts.example.org.      A    192.0.2.9
_smtp._tls.example.org.   TXT  "v=TLSRPTv1; rua=mailto:tls@example.org"
)";
constexpr std::string_view good_policy = "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.org\r\nmax_age: 2592000\r\n";

class MtaSts : public testing::Test {
 protected:
  MtaSts() { serve(std::string(good_policy)); }
  void serve(std::string policy) { web.pages["mta-sts.example.org"] = test::Web::page(std::move(policy)); }
  https::Response& served() { return web.pages["mta-sts.example.org"]; }
  void replace(std::string_view line, std::string_view other) {
    const auto at = zone_text.find(line);
    ASSERT_NE(at, std::string::npos);
    zone_text.replace(at, line.size(), other);
  }
  CheckReport run(bool with_web = true) {
    dns::Zone zone = dns::Zone::parse(zone_text).value();
    for (const auto& [failing, status] : failures) zone.fail(failing, status);
    zone.set_authentic(authentic);
    test::DnsProbes probes(zone);
    if (with_web) static_cast<Probes&>(probes).https = &web;
    const Target target{.domain = name("example.org"), .mail_servers = false};
    CheckReport report = test::run(mta_sts::check(target, probes));
    for (const auto* all : {&report.findings, &report.unknowns})
      for (const Finding& finding : *all) test::expect_words_are_filled(finding);
    return report;
  }
  std::vector<std::string> ids(bool with_web = true) {
    std::vector<std::string> out;
    for (const Finding& finding : run(with_web).findings) out.emplace_back(finding.id);
    return out;
  }
  std::vector<std::string> unknowns() {
    std::vector<std::string> out;
    const CheckReport report = run();
    EXPECT_THAT(report.findings, IsEmpty());
    EXPECT_EQ(report.outcome, Outcome::inconclusive);
    for (const Finding& finding : report.unknowns) out.emplace_back(finding.id);
    return out;
  }

  std::string zone_text{good_zone};
  bool authentic = false;
  std::map<dns::Name, dns::Status> failures;
  test::Web web;
};

}  // namespace

TEST_F(MtaSts, AGoodPolicyHasNothingToReport) {
  const CheckReport report = run();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.outcome, Outcome::ran);
  EXPECT_EQ(report.facts.at("policy").at("mode").as_string(), "enforce");
  EXPECT_THAT(std::string(report.facts.at("sender_view").at("first_time").as_string()), HasSubstr("only to hosts that pass"));
}

TEST_F(MtaSts, WithoutLeaveTheWebIsNotAsked) {
  EXPECT_THAT(ids(false), IsEmpty());
  EXPECT_EQ(web.requests, 0);
}

TEST_F(MtaSts, NoRecord) {
  replace("_mta-sts.example.org.     TXT  \"v=STSv1; id=20260101T000000;\"", "");
  web.pages.clear();
  EXPECT_THAT(ids(), ElementsAre("mta_sts.missing"));
  serve(std::string(good_policy));
  EXPECT_THAT(ids(), ElementsAre("mta_sts.policy-without-record"));
  zone_text += "example.org. TXT \"v=STSv1; id=1\"\n";
  EXPECT_THAT(ids(), ElementsAre("mta_sts.record-at-apex"));
}

TEST_F(MtaSts, RecordsThatAreNotRead) {
  const std::string record = "\"v=STSv1; id=20260101T000000;\"";
  for (const auto& [text, id] : {std::pair("\"v=stsv1; id=1\"", "mta_sts.version"), {"\"v=STSv1 id=1\"", "mta_sts.version"}, {"\"v=STSv1; id=2026-01\"", "mta_sts.bad-record"},
                                 {"\"v=STSv1;\"", "mta_sts.bad-record"}, {"\"v=STSv1; id=123456789012345678901234567890123\"", "mta_sts.bad-record"}}) {
    zone_text = good_zone;
    replace(record, text);
    EXPECT_THAT(ids(), ElementsAre(id)) << text;
  }
  zone_text = std::string(good_zone) + "_mta-sts.example.org. TXT \"v=STSv1; id=2;\"\n";
  EXPECT_THAT(ids(), ElementsAre("mta_sts.several-records"));
  zone_text = std::string(good_zone) + "_mta-sts.example.org. TXT \"google-site-verification=1\"\n";
  EXPECT_THAT(ids(), IsEmpty());
  zone_text = good_zone;
  replace(record, "\"v=STSv1; id=1; later=thing\"");
  EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(MtaSts, ThePolicyHost) {
  replace("mta-sts.example.org.      A    192.0.2.9", "");
  EXPECT_THAT(ids(), ElementsAre("mta_sts.host-missing"));
  zone_text = good_zone;
  web.pages.clear();
  EXPECT_THAT(ids(), ElementsAre("mta_sts.not-served"));
}

TEST_F(MtaSts, ACertificateThatSendersRefuse) {
  auto& verdict = served().handshake->verification;
  verdict.trusted = false;
  verdict.text = "unable to get local issuer certificate";
  EXPECT_THAT(ids(), ElementsAre("mta_sts.certificate-untrusted"));
  verdict.expired = true;
  EXPECT_THAT(ids(), ElementsAre("mta_sts.certificate-dates"));
  verdict = {.performed = true, .trusted = true, .anchored = true, .name_matches = false};
  EXPECT_THAT(ids(), ElementsAre("mta_sts.certificate-name"));
  verdict.name_matches = true;
  served().handshake->protocol = "TLSv1.1";
  EXPECT_THAT(ids(), ElementsAre("mta_sts.old-tls"));
  served().handshake->protocol = "TLSv1.2";
  served().handshake->chain[0].not_after = TimePoint{} + std::chrono::days(3);
  EXPECT_THAT(ids(), ElementsAre("mta_sts.certificate-expires"));
  served() = test::Web::stopped(https::Stage::tls, https::Cause::tls_failed);
  EXPECT_THAT(ids(), ElementsAre("mta_sts.tls-failed"));
}

TEST_F(MtaSts, AnswersThatAreNoPolicy) {
  served().status = 301;
  served().location = "https://other.example/";
  EXPECT_THAT(ids(), ElementsAre("mta_sts.redirect"));
  served().status = 404;
  EXPECT_THAT(ids(), ElementsAre("mta_sts.status"));
  served().status = 200;
  served().media_type = served().content_type = "text/html";
  EXPECT_THAT(ids(), ElementsAre("mta_sts.media-type"));
  const auto cut = [&](https::Cause cause) {
    served() = test::Web::page("version: STSv1");
    served().cause = cause;
    return ids();
  };
  EXPECT_THAT(cut(https::Cause::body_too_large), ElementsAre("mta_sts.too-large"));
  EXPECT_THAT(cut(https::Cause::too_slow), ElementsAre("mta_sts.too-slow"));
  EXPECT_THAT(cut(https::Cause::malformed), ElementsAre("mta_sts.broken-answer"));
  EXPECT_THAT(cut(https::Cause::closed), ElementsAre("mta_sts.broken-answer"));
}

TEST_F(MtaSts, WhatCannotBeToldIsUnknown) {
  for (const https::Cause cause : {https::Cause::timed_out, https::Cause::unreachable, https::Cause::local_error}) {
    served() = test::Web::stopped(https::Stage::connect, cause);
    EXPECT_THAT(unknowns(), ElementsAre("mta_sts.not-fetched")) << https::cause_text(cause);
  }
  serve(std::string(good_policy));
  served().handshake->verification = {.performed = false, .text = "no trust store"};
  EXPECT_THAT(unknowns(), ElementsAre("mta_sts.no-trust-store"));
  for (const char* failing : {"_mta-sts.example.org", "mta-sts.example.org", "example.org"}) {
    serve(std::string(good_policy));
    failures = {{name(failing), dns::Status::serv_fail}};
    EXPECT_THAT(unknowns(), Contains("dns.no-answer")) << failing;
  }
}

TEST_F(MtaSts, AddressesThatServeDifferentPolicies) {
  zone_text += "mta-sts.example.org. A 192.0.2.10\n";
  EXPECT_THAT(ids(), IsEmpty());
  web.pages["mta-sts.example.org 192.0.2.10"] = test::Web::page("version: STSv1\nmode: testing\nmx: *.example.org\nmax_age: 2592000\n");
  EXPECT_THAT(ids(), ElementsAre("mta_sts.differs"));
}

TEST_F(MtaSts, FieldsOfThePolicy) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"mode: enforce\nmx: mx1.example.org\nmax_age: 2592000\n", "mta_sts.policy-version"},
      {"version: STSv2\nmode: enforce\nmx: mx1.example.org\nmax_age: 2592000\n", "mta_sts.policy-version"},
      {"version: STSv1\nmode: always\nmx: mx1.example.org\nmax_age: 2592000\n", "mta_sts.mode"},
      {"version: STSv1\nmode: testing\nmx: mx1.example.org\nmax_age: 2592000\n", "mta_sts.testing"},
      {"version: STSv1\nmode: none\nmax_age: 86400\n", "mta_sts.none"},
      {"version: STSv1\nmode: enforce\nmx: mx1.example.org\nmax_age: 31557601\n", "mta_sts.max-age"},
      {"version: STSv1\nmode: enforce\nmx: mx1.example.org\nmax_age: -1\n", "mta_sts.max-age"},
      {"version: STSv1\nmode: enforce\nmx: mx1.example.org\nmax_age: 100000\n", "mta_sts.short-age"},
      {"version: STSv1\nmode: enforce\nmax_age: 2592000\n", "mta_sts.no-mx"},
      {"version: STSv1\nmode: enforce\nmx: mx1.example.org\nmx: mx*.example.org\nmax_age: 2592000\n", "mta_sts.bad-pattern"},
      {"version: STSv1\nmode: enforce\nmx: mx1.example.org\nmx: 192.0.2.1\nmax_age: 2592000\n", "mta_sts.bad-pattern"},
      {"version: STSv1\nmode: enforce\nmx: mx1.example.org\n<html>\nmax_age: 2592000\n", "mta_sts.bad-line"},
      {"version: STSv1\nmode: enforce\nmode: none\nmx: mx1.example.org\nmax_age: 2592000\n", "mta_sts.repeated-field"},
      {"\xef\xbb\xbfversion: STSv1\nmode: enforce\nmx: mx1.example.org\nmax_age: 2592000\n", "mta_sts.not-text"},
      {"version: STSv1\nmode: enforce\nmx: mx1.example.org\nmax_age: 2592000\nnote: \xff\xfe\n", "mta_sts.not-text"},
      {"version: STSv1\nmode: enforce\nmx: *.example.org\nmx: old.example.net\nmax_age: 2592000\n", "mta_sts.unused-pattern"},
  };
  for (const auto& [policy, id] : cases) {
    serve(std::string(policy));
    EXPECT_THAT(ids(), ElementsAre(id)) << policy;
  }
  serve("version: STSv1\nmode: enforce\nmx: *.example.org\nmax_age: 2592000\nlater: field\n");
  EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(MtaSts, AMailHostThatIsNotAllowed) {
  zone_text += "example.org. MX 20 mx2.other.net.\nmx2.other.net. A 192.0.2.2\n";
  const CheckReport enforced = run();
  ASSERT_EQ(enforced.findings.size(), 1u);
  EXPECT_EQ(enforced.findings[0].id, "mta_sts.mx-not-allowed");
  EXPECT_EQ(enforced.findings[0].severity, Severity::critical);
  serve("version: STSv1\nmode: testing\nmx: mx1.example.org\nmax_age: 2592000\n");
  EXPECT_THAT(ids(), UnorderedElementsAre("mta_sts.testing", "mta_sts.mx-not-allowed"));
  EXPECT_EQ(run().findings.back().severity, Severity::warning);
}

TEST_F(MtaSts, NobodyIsToldOfFailures) {
  replace("_smtp._tls.example.org.   TXT  \"v=TLSRPTv1; rua=mailto:tls@example.org\"", "");
  EXPECT_THAT(ids(), ElementsAre("mta_sts.without-reports"));
  failures = {{name("_smtp._tls.example.org"), dns::Status::timed_out}};
  EXPECT_THAT(ids(), IsEmpty());
}

TEST(MtaStsPatterns, AWildcardIsExactlyOneLabel) {
  using mta_sts::matches;
  EXPECT_TRUE(matches("*.example.org", name("mx.example.org")));
  EXPECT_TRUE(matches("mx.example.org", name("MX.example.org")));
  EXPECT_FALSE(matches("*.example.org", name("a.mx.example.org")));
  EXPECT_FALSE(matches("*.example.org", name("example.org")));
  EXPECT_FALSE(matches("mx.example.org", name("mx2.example.org")));
}

namespace {
/// What one mail host showed, under a policy that is enforced.
std::vector<std::string> judged_host(const std::function<void(smtp::Probe&)>& change) {
  smtp::Probe probe;
  probe.capabilities.emplace();
  probe.handshake = test::Web::page("").handshake;
  change(probe);
  smtp::Survey survey;
  survey.hosts.push_back({.host = {.name = name("mx1.example.org")}, .probes = {probe}});
  CheckReport report;
  mta_sts::judge_hosts(name("example.org"), mta_sts::parse_policy(good_policy), survey, report);
  std::vector<std::string> out;
  for (const Finding& finding : report.findings) {
    test::expect_words_are_filled(finding);
    out.emplace_back(finding.id);
  }
  return out;
}
}  // namespace

TEST(MtaStsHosts, AreHeldAgainstThePolicy) {
  EXPECT_THAT(judged_host([](smtp::Probe&) {}), IsEmpty());
  EXPECT_THAT(judged_host([](smtp::Probe& probe) { probe.handshake.reset(); }), ElementsAre("mta_sts.host-without-tls"));
  EXPECT_THAT(judged_host([](smtp::Probe& probe) { probe.handshake->completed = false; }), ElementsAre("mta_sts.host-without-tls"));
  EXPECT_THAT(judged_host([](smtp::Probe& probe) { probe.handshake->verification.trusted = false; }), ElementsAre("mta_sts.host-certificate"));
  EXPECT_THAT(judged_host([](smtp::Probe& probe) { probe.handshake->verification.name_matches = false; }), ElementsAre("mta_sts.host-certificate"));
  EXPECT_THAT(judged_host([](smtp::Probe& probe) { probe.handshake->protocol = "TLSv1"; }), ElementsAre("mta_sts.host-old-tls"));
  EXPECT_THAT(judged_host([](smtp::Probe& probe) { probe.capabilities.reset(); }), IsEmpty()) << "not measured: nothing can be said";
  EXPECT_THAT(judged_host([](smtp::Probe& probe) { probe.handshake->verification = {}; }), IsEmpty()) << "no trust store";
}

TEST(MtaStsHosts, WhatDidNotEndIsNotHeldAgainstThem) {
  EXPECT_THAT(judged_host([](smtp::Probe& probe) {
                probe.handshake.reset();
                probe.cause = smtp::Cause::timed_out;
              }),
              IsEmpty());
  EXPECT_THAT(judged_host([](smtp::Probe& probe) {
                probe.handshake->completed = false;
                probe.handshake->failure = tls::Failure::timed_out;
                probe.cause = smtp::Cause::tls_failed;
              }),
              IsEmpty());
  EXPECT_THAT(judged_host([](smtp::Probe& probe) {
                probe.handshake.reset();
                probe.starttls.emplace();
                probe.starttls->code = 421;
              }),
              IsEmpty());
}

namespace {
/// A host whose certificate names it or not, asked with SNI and without.
std::vector<std::string> judged_names(const std::vector<std::string>& with, const std::vector<std::string>& without, bool verified = true) {
  smtp::Probe named, unnamed;
  named.handshake = unnamed.handshake = test::Web::page("").handshake;
  named.handshake->chain.front().dns_names = with;
  unnamed.handshake->chain.front().dns_names = without;
  unnamed.handshake->verification.performed = verified;
  CheckReport report;
  mta_sts::judge_names(name("mx1.example.org"), named, unnamed, report);
  std::vector<std::string> out;
  for (const Finding& finding : report.findings) {
    test::expect_words_are_filled(finding);
    out.emplace_back(finding.id);
  }
  return out;
}
}  // namespace

TEST(MtaStsHosts, AreAskedWithAndWithoutTheirName) {
  EXPECT_THAT(judged_names({"mx1.example.org"}, {"*.example.org"}), IsEmpty());
  EXPECT_THAT(judged_names({"mx1.example.org"}, {"www.example.org"}), ElementsAre("mta_sts.needs-sni"));
  EXPECT_THAT(judged_names({"www.example.org"}, {"mx1.example.org"}), ElementsAre("mta_sts.sni-breaks"));
  EXPECT_THAT(judged_names({"www.example.org"}, {"www.example.org"}), IsEmpty()) << "wrong in any case: said already";
  EXPECT_THAT(judged_names({"mx1.example.org"}, {"www.example.org"}, false), IsEmpty()) << "cannot be told";
}

TEST_F(MtaSts, UnknownFieldsAreIgnored) {
  replace("id=20260101T000000;", "id=20260101T000000; future=x;");
  serve(std::string(good_policy) + "future: anything\r\n");
  const CheckReport report = run();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.facts.at("policy").at("ignored_fields").as_array().size(), 1u);
}

TEST_F(MtaSts, APolicyIsNotInherited) {
  const auto of_subdomain = [&] {
    dns::Zone zone = dns::Zone::parse(zone_text).value();
    for (const auto& [failing, status] : failures) zone.fail(failing, status);
    test::DnsProbes probes(zone);
    const Target target{.domain = name("news.example.org"), .mail_servers = false};
    std::vector<std::string> out;
    for (const Finding& finding : test::run(mta_sts::check(target, probes)).findings) {
      test::expect_words_are_filled(finding);
      out.emplace_back(finding.id);
    }
    return out;
  };
  EXPECT_THAT(of_subdomain(), ElementsAre("mta_sts.not-inherited"));
  failures = {{name("_mta-sts.example.org"), dns::Status::timed_out}};
  EXPECT_THAT(of_subdomain(), ElementsAre("mta_sts.missing"));
}

TEST_F(MtaSts, DaneComesFirst) {
  zone_text += "_25._tcp.mx1.example.org. TLSA 3 1 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
  EXPECT_THAT(ids(), IsEmpty()) << "not signed: it counts for nobody";
  authentic = true;
  EXPECT_THAT(ids(), ElementsAre("mta_sts.dane-first"));
  failures = {{name("_25._tcp.mx1.example.org"), dns::Status::timed_out}};
  EXPECT_THAT(ids(), IsEmpty());
}

TEST(MtaStsCatalogue, FitsTheCode) { test::expect_catalogue_fits_code("mta_sts"); }
