// Claims about the receiver's servers and about the message that came back, asked again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/bounce/judge.hpp"
#include "checks/bounce/reply_text.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/given_prober.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"
#include "tests/support/tool.hpp"
#include "tests/support/web.hpp"

using namespace mailmedic;
using bounce::ClaimKind;
using bounce::Held;
using testing::HasSubstr;

namespace {

constexpr std::string_view zone_text = R"(
example.org.              MX   10 mx.example.org.
mx.example.org.           A    192.0.2.1
mx.example.org.           A    192.0.2.2
_mta-sts.example.org.     TXT  "v=STSv1; id=20260101T000000;"
mta-sts.example.org.      A    192.0.2.9
null.example.             MX   0 .
brisbane._domainkey.football.example.com.  TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_dmarc.football.example.com.               TXT "v=DMARC1; p=reject"
football.example.com.                      TXT "v=spf1 ip4:203.0.113.7 -all"
)";

const bounce::Classifier& shipped() {
  static const bounce::Classifier classifier = bounce::Classifier::make(bounce::read_rules({MAILMEDIC_SOURCE_DIR "/checks/bounce/rules"}).value()).value();
  return classifier;
}

smtp::Probe stopped(smtp::Stage stage, smtp::Cause cause) {
  smtp::Probe probe;
  probe.stopped_at = stage;
  probe.cause = cause;
  return probe;
}

smtp::Probe without_tls() {
  smtp::Probe probe;
  probe.banner = smtp::Reply{220, {"mx"}};
  probe.ehlo = smtp::Reply{250, {"mx"}};
  probe.capabilities.emplace();
  return probe;
}

smtp::Probe with_tls(bool trusted) {
  smtp::Probe probe = without_tls();
  probe.starttls = smtp::Reply{220, {"go"}};
  probe.ehlo_after_tls = smtp::Reply{250, {"mx"}};
  probe.handshake.emplace();
  probe.handshake->completed = true;
  probe.handshake->protocol = "TLSv1.3";
  probe.handshake->verification.performed = true;
  probe.handshake->verification.trusted = trusted;
  probe.handshake->verification.text = trusted ? "ok" : "certificate has expired";
  probe.handshake->verification.name_matches = true;
  return probe;
}

/// Each test names what the two addresses of mx.example.org show.
class BounceServers : public testing::Test {
 protected:
  void both(const smtp::Probe& probe) { prober.given["192.0.2.1"] = prober.given["192.0.2.2"] = probe; }
  bounce::Rechecked first(std::string_view reply, const std::string& recipient = "joe@example.org") {
    message::RecipientReport report = bounce::read_reply(reply);
    report.recipient = recipient;
    test::DnsProbes nothing(zone);
    Probes& plain = nothing;
    Probes probes{zone, prober, plain.trust, now, "", &web};
    const bounce::Verdict verdict = shipped().classify(report);
    const auto all = test::run(bounce::recheck(bounce::claims_of(report, verdict, context), context, false, probes));
    if (all.empty()) return {.claim = {}, .held = Held::untested, .found = std::string("no claim: ") + (verdict.rule ? verdict.rule->id : "no rule")};
    CheckReport out;
    bounce::judge_claims(report, all, context, probes.now, out);
    for (const Finding& finding : out.findings) test::expect_words_are_filled(finding);
    for (const Finding& unknown : out.unknowns) test::expect_words_are_filled(unknown);
    return all.front();
  }
  dns::Zone zone = dns::Zone::parse(zone_text).value();
  test::GivenProber prober;
  test::Web web;
  bounce::Context context;
  TimePoint now{};
};

}  // namespace

TEST_F(BounceServers, RefusedConnectionsSpeakForThemselves) {
  const char* reply = "connect to mx.example.org[192.0.2.1]:25: Connection refused";
  both(stopped(smtp::Stage::connect, smtp::Cause::refused));
  auto seen = first(reply);
  EXPECT_EQ(seen.claim.kind, ClaimKind::unreachable);
  EXPECT_EQ(seen.claim.host, "mx.example.org");
  EXPECT_EQ(seen.held, Held::confirmed) << seen.found;
  prober.given["192.0.2.2"] = without_tls();  // one of its addresses is up: still so for the other
  EXPECT_EQ(first(reply).held, Held::confirmed);
  both(without_tls());
  EXPECT_EQ(first(reply).held, Held::gone);
  EXPECT_EQ(first(reply, "joe@null.example").held, Held::confirmed);
}

TEST_F(BounceServers, AServerThatTakesNoMail) {
  smtp::Probe refusing = stopped(smtp::Stage::banner, smtp::Cause::banner_rejected);
  refusing.banner = smtp::Reply{554, {"no SMTP service here"}};
  both(refusing);
  const auto seen = first("554 5.3.2 mx.example.org no SMTP service here");
  EXPECT_EQ(seen.claim.kind, ClaimKind::unreachable) << seen.found;
  EXPECT_EQ(seen.held, Held::confirmed);
  EXPECT_THAT(seen.found, HasSubstr("it greets with 554 no SMTP service here"));
  EXPECT_EQ(first("556 5.1.10 Recipient domain null MX", "joe@null.example").claim.kind, ClaimKind::no_domain);
}

TEST_F(BounceServers, AddressesThatDnsDoesNotTellAreNotMissing) {
  const char* reply = "connect to mx.example.org[192.0.2.1]:25: Connection refused";
  context.families = {false, true};
  auto seen = first(reply);
  EXPECT_EQ(seen.held, Held::untested) << "it has IPv4 addresses, which were not to be asked";
  EXPECT_THAT(seen.found, HasSubstr("-4, -6"));
  context.families = {};
  zone.fail(dns::Name::parse("mx.example.org").value(), dns::Status::serv_fail);
  seen = first(reply);
  EXPECT_EQ(seen.held, Held::untested);
  EXPECT_THAT(seen.found, HasSubstr("DNS did not answer"));
  EXPECT_FALSE(seen.evidence.empty());
}

TEST_F(BounceServers, SilenceMayBeOurOwn) {
  both(stopped(smtp::Stage::connect, smtp::Cause::timed_out));
  const auto seen = first("connect to mx.example.org[192.0.2.1]:25: Connection timed out");
  EXPECT_EQ(seen.held, Held::untested);
  EXPECT_THAT(seen.found, HasSubstr("port 25 closed on our side"));
}

TEST_F(BounceServers, NobodyIsConnectedToWhereThatIsNotAllowed) {
  both(without_tls());
  context.may_connect = false;
  EXPECT_EQ(first("connect to mx.example.org[192.0.2.1]:25: Connection refused").held, Held::untested);
}

TEST_F(BounceServers, WhatBrokeBehindTheGreetingsIsNotTried) {
  both(without_tls());
  const auto seen = first("lost connection with mx.example.org[192.0.2.1] while sending DATA command");
  EXPECT_EQ(seen.claim.kind, ClaimKind::unreachable);
  EXPECT_EQ(seen.held, Held::untested) << seen.found;
}

TEST_F(BounceServers, Tls) {
  const char* reply = "TLS is required, but was not offered by host mx.example.org[192.0.2.1]";
  both(without_tls());
  auto seen = first(reply);
  EXPECT_EQ(seen.claim.kind, ClaimKind::tls);
  EXPECT_EQ(seen.held, Held::confirmed);
  EXPECT_THAT(seen.found, HasSubstr("STARTTLS is not offered"));
  both(with_tls(false));
  EXPECT_EQ(first(reply).held, Held::gone);
  both(stopped(smtp::Stage::connect, smtp::Cause::timed_out));
  EXPECT_EQ(first(reply).held, Held::untested);
}

TEST_F(BounceServers, ThatTheReceiverWantsTls) {
  const char* reply = "530 5.7.0 Must issue a STARTTLS command first";
  both(with_tls(true));
  const auto seen = first(reply);
  EXPECT_EQ(seen.claim.kind, ClaimKind::tls_wanted);
  EXPECT_EQ(seen.held, Held::untested);
  EXPECT_THAT(seen.found, HasSubstr("TLSv1.3"));
  both(without_tls());
  EXPECT_EQ(first(reply).held, Held::gone);
}

TEST_F(BounceServers, TheSendersOwnPolicyWhereTheReceiverHasNone) {
  zone = dns::Zone::parse("example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.1\n").value();
  both(with_tls(false));
  auto seen = first("Server certificate not trusted");
  EXPECT_EQ(seen.claim.kind, ClaimKind::certificate) << seen.found;
  EXPECT_EQ(seen.held, Held::confirmed);
  EXPECT_THAT(seen.found, HasSubstr("certificate has expired"));
  both(with_tls(true));
  EXPECT_EQ(first("Server certificate not trusted").held, Held::gone);
}

TEST_F(BounceServers, MtaSts) {
  web.pages["mta-sts.example.org"] = test::Web::page("version: STSv1\r\nmode: enforce\r\nmx: mx.example.org\r\nmax_age: 2592000\r\n");
  both(with_tls(true));
  const char* reply = "550 5.7.5 MTA-STS validation failed: certificate of the MX host is not valid";
  auto seen = first(reply);
  EXPECT_EQ(seen.claim.policy, "mta_sts") << seen.found;
  EXPECT_EQ(seen.held, Held::gone) << seen.found;
  both(with_tls(false));
  EXPECT_EQ(first(reply).held, Held::confirmed);
  web.pages["mta-sts.example.org"] = test::Web::page("version: STSv1\r\nmode: enforce\r\nmx: other.example.org\r\nmax_age: 2592000\r\n");
  both(with_tls(true));
  seen = first(reply);
  EXPECT_EQ(seen.held, Held::confirmed);
  EXPECT_THAT(seen.found, HasSubstr("does not allow this host"));
}

// The example of RFC 8463 has two signatures; of the keys only the first is published here.
TEST_F(BounceServers, SignaturesOfTheReturnedMessage) {
  now += std::chrono::days(20'000);
  const char* reply = "550 5.7.20 no valid DKIM signature found";
  EXPECT_EQ(first(reply).held, Held::untested);
  const std::string message = test::content_of(MAILMEDIC_SOURCE_DIR "/tests/vectors/dkim/rfc8463.eml");
  context.returned = message;
  auto seen = first(reply);
  EXPECT_EQ(seen.claim.kind, ClaimKind::signature);
  EXPECT_EQ(seen.held, Held::gone) << seen.found;
  EXPECT_THAT(seen.found, HasSubstr("football.example.com, selector brisbane, holds"));
  const std::string changed = message + "-- \r\nfooter\r\n", header = message.substr(0, message.find("\r\n\r\n") == message.npos ? message.find("\n\n") + 1 : message.find("\r\n\r\n") + 2);
  context.returned = changed;
  EXPECT_EQ(first(reply).held, Held::confirmed);
  context.returned = header;
  seen = first(reply);
  EXPECT_EQ(seen.held, Held::untested) << seen.found;
  EXPECT_THAT(seen.found, HasSubstr("holds for the header"));
  context.returned = "Subject: plain\r\n\r\nhello\r\n";
  EXPECT_EQ(first(reply).held, Held::confirmed);
}

TEST_F(BounceServers, DmarcOfTheReturnedMessage) {
  now += std::chrono::days(20'000);
  const char* reply = "550 5.7.1 Unauthenticated email from football.example.com is not accepted due to domain's DMARC policy. client 203.0.113.9";
  context.sender = "joe@football.example.com";
  context.author = dns::Name::parse("football.example.com").value();
  const std::string message = test::content_of(MAILMEDIC_SOURCE_DIR "/tests/vectors/dkim/rfc8463.eml");
  context.returned = message;
  auto seen = first(reply);
  EXPECT_EQ(seen.claim.kind, ClaimKind::dmarc) << seen.found;
  EXPECT_EQ(seen.held, Held::gone) << seen.found;
  const std::string changed = message + "-- \r\nfooter\r\n";
  context.returned = changed;
  seen = first(reply);
  EXPECT_EQ(seen.held, Held::confirmed) << seen.found;
  EXPECT_THAT(seen.found, HasSubstr("SPF is fail for 203.0.113.9"));
}
