// The prober against scripted servers on loopback: what a hostile or broken server makes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "lib/smtp/network_prober.hpp"
#include "tests/support/counting_proxy.hpp"
#include "tests/support/run.hpp"
#include "tools/demo/scripted_smtp_server.hpp"

using namespace mailmedic;
using namespace mailmedic::smtp;
using namespace std::chrono_literals;
using demo::Script;
using demo::ScriptedSmtpServer;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using Clock = std::chrono::system_clock;

namespace {
const tls::TrustStore& no_trust() {
  static const tls::TrustStore store = tls::TrustStore::from_pem(demo::make_identity({.common_name = "Root", .authority = true}).certificate);
  return store;
}

Probe probe(net::Endpoint endpoint, ProbeRequest request = {}, const tls::TrustStore& store = no_trust()) {
  NetworkOptions options;
  options.timeout = 2000ms;
  options.quit_timeout = 100ms;
  options.helo = "probe.example";
  NetworkProber prober(options, store, Clock::now());
  request.endpoint = endpoint;
  request.await_quit = true;
  if (request.host.empty()) request.host = "mx.example.org";
  const auto started = std::chrono::steady_clock::now();
  Probe out = test::run(prober.probe(std::move(request)));
  EXPECT_LT(std::chrono::steady_clock::now() - started, 20s);
  return out;
}
Probe probe(const Script& script, ProbeRequest request = {}) {
  const ScriptedSmtpServer server(script);
  return probe(server.endpoint(), std::move(request));
}
void expect_stopped(const Probe& seen, Stage stage, Cause cause) {
  EXPECT_EQ(seen.cause, cause) << cause_text(seen.cause) << ": " << seen.why;
  ASSERT_TRUE(seen.stopped_at);
  EXPECT_EQ(*seen.stopped_at, stage) << stage_text(*seen.stopped_at);
}
Script greeted() { return Script().reply("220 mx.example.org ESMTP").answer("EHLO", "250-mx.example.org\r\n250 STARTTLS"); }
demo::Identity identity() { return demo::make_identity({}); }
std::size_t open_files() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}
}  // namespace

TEST(Network, GoesThroughWithTls) {
  const ScriptedSmtpServer server(Script::polite(identity()));
  const Probe seen = probe(server.endpoint());
  EXPECT_EQ(seen.cause, Cause::none) << cause_text(seen.cause) << seen.why;
  EXPECT_FALSE(seen.stopped_at);
  EXPECT_THAT(server.heard(), ElementsAre("EHLO probe.example", "STARTTLS", "EHLO probe.example", "QUIT"));
  ASSERT_TRUE(seen.handshake && seen.handshake->completed);
  EXPECT_EQ(seen.handshake->protocol, "TLSv1.3");
  EXPECT_EQ(seen.handshake->sni, "mx.example.org");
  EXPECT_THAT(seen.handshake->group, testing::Not(testing::IsEmpty()));
  EXPECT_EQ(seen.handshake->chain.size(), 1u);
  EXPECT_TRUE(seen.handshake->verification.self_signed);
  EXPECT_EQ(seen.handshake->verification.name_matches, true);
  EXPECT_TRUE(seen.capabilities->starttls());
  EXPECT_FALSE(seen.capabilities_after_tls->starttls());
  EXPECT_EQ(seen.quit->code, 221);
  EXPECT_EQ(seen.stages.size(), 7u);
  for (const StageRecord& stage : seen.stages) EXPECT_EQ(stage.outcome, StageRecord::Outcome::passed) << stage_text(stage.stage);
  EXPECT_EQ(seen.transcript.entries()[0].mark(), "~~");
}

TEST(Network, NeedsNoMoreTurnsThanTheProtocol) {
  const ScriptedSmtpServer server(Script::polite(identity()));
  test::CountingProxy proxy(server.endpoint());
  NetworkOptions options{.timeout = 5000ms, .helo = "probe.example"};
  NetworkProber prober(options, no_trust(), Clock::now());
  ProbeRequest request{.endpoint = proxy.endpoint(), .host = "mx.example.org", .drop = true};
  const Probe seen = test::run(prober.probe(std::move(request)));
  EXPECT_EQ(seen.cause, Cause::none) << seen.why;
  ASSERT_TRUE(seen.handshake && seen.handshake->completed);
  // EHLO, STARTTLS, the TLS 1.3 handshake, EHLO. Session tickets may come as a turn of their own.
  const int turns = proxy.turns();
  EXPECT_GE(turns, 4);
  EXPECT_LE(turns, 5);
}

TEST(Network, RefusedPort) { expect_stopped(probe(demo::refused_endpoint()), Stage::connect, Cause::refused); }

TEST(Network, SilentServer) {
  const Probe seen = probe(Script().hang());
  expect_stopped(seen, Stage::banner, Cause::timed_out);
  EXPECT_GE(seen.stage(Stage::banner)->duration, 200ms);
  EXPECT_EQ(seen.stage(Stage::banner)->outcome, StageRecord::Outcome::failed);
}

TEST(Network, SlowGreetingIsMeasured) {
  const Probe seen = probe(Script().wait(120ms).reply("220 mx ESMTP").answer("EHLO", "250 mx").answer("QUIT", "221 bye"));
  EXPECT_EQ(seen.cause, Cause::none);
  EXPECT_GE(seen.stage(Stage::banner)->duration, 110ms);
}

TEST(Network, ServerThatDripsBytesEndsAtTheLimit) {
  Script drip;
  for (int i = 0; i < 40; ++i) drip.say("2").wait(20ms);
  EXPECT_EQ(probe(Script().say("22").wait(900ms).say("0").wait(900ms).say(" ").wait(900ms).say("x\r\n")).cause, Cause::timed_out);
  EXPECT_EQ(probe(drip).cause, Cause::not_smtp);  // "2222" begins no reply
}

TEST(Network, EndlessLineEndsAtTheLimit) {
  expect_stopped(probe(Script().flood(10'000'000)), Stage::banner, Cause::reply_too_long);
  expect_stopped(probe(Script().reply("220 mx").expect("EHLO").say("250-").flood(10'000'000)), Stage::ehlo, Cause::reply_too_long);
}

TEST(Network, ServerThatClosesAtEachStep) {
  expect_stopped(probe(Script()), Stage::banner, Cause::closed);
  expect_stopped(probe(Script().reply("220 mx").expect("EHLO")), Stage::ehlo, Cause::closed);
  expect_stopped(probe(Script().reply("220 mx").answer("EHLO", "500 what").expect("HELO")), Stage::helo, Cause::closed);
  const Probe at_starttls = probe(greeted().expect("STARTTLS"));
  expect_stopped(at_starttls, Stage::starttls, Cause::closed);
  EXPECT_EQ(at_starttls.banner->code, 220);
  EXPECT_TRUE(at_starttls.capabilities->starttls());
  const Probe at_tls = probe(greeted().answer("STARTTLS", "220 go"));
  expect_stopped(at_tls, Stage::tls, Cause::tls_failed);
  const auto how = at_tls.handshake->failure;  // closing with our ClientHello unread is a reset
  EXPECT_TRUE(how == tls::Failure::closed || how == tls::Failure::reset);
  expect_stopped(probe(greeted().answer("STARTTLS", "220 go").start_tls(identity()).expect("EHLO")), Stage::ehlo_after_tls, Cause::closed);
  const Probe at_quit = probe(Script().reply("220 mx").answer("EHLO", "250 mx").expect("QUIT"));
  EXPECT_EQ(at_quit.cause, Cause::none);
  EXPECT_FALSE(at_quit.quit);
}

TEST(Network, ResetIsToldFromClose) {
  expect_stopped(probe(Script().reply("220 mx").expect("EHLO").reset()), Stage::ehlo, Cause::reset);
}

TEST(Network, QuitIsNotWaitedForLong) {
  const Probe seen = probe(Script().reply("220 mx").answer("EHLO", "250 mx").expect("QUIT").hang());
  EXPECT_EQ(seen.cause, Cause::none);
  EXPECT_LT(seen.stage(Stage::quit)->duration, 240ms);
}

TEST(Network, WhatIsNotSmtp) {
  expect_stopped(probe(Script().reply("SSH-2.0-OpenSSH_9.2").hang()), Stage::banner, Cause::not_smtp);
  expect_stopped(probe(Script().say("\x15\x03\x01").hang()), Stage::banner, Cause::not_smtp);
  expect_stopped(probe(Script().say("+OK")), Stage::banner, Cause::not_smtp);
  expect_stopped(probe(Script().reply("220 mx").answer("EHLO", "hello you")), Stage::ehlo, Cause::reply_malformed);
}

TEST(Network, BusyAndRefusingGreetings) {
  const Probe busy = probe(Script().reply("421 4.7.0 try later").expect("QUIT"));
  expect_stopped(busy, Stage::banner, Cause::banner_busy);
  EXPECT_EQ(busy.banner->lines[0], "4.7.0 try later");
  const Probe no = probe(Script().reply("554-no service\r\n554 for you"));
  expect_stopped(no, Stage::banner, Cause::banner_rejected);
  EXPECT_EQ(no.banner->lines.size(), 2u);
}

TEST(Network, FallsBackToHelo) {
  const Probe seen = probe(Script().reply("220 mx").answer("EHLO", "502 what").answer("HELO probe.example", "250 mx").answer("QUIT", "221 bye"));
  EXPECT_EQ(seen.cause, Cause::none);
  EXPECT_EQ(seen.helo->code, 250);
}

TEST(Network, HostileBannersAreKeptRaw) {
  const std::string hostile("\x1b]0;owned\x07<script>alert(1)</script>\0\xff%s%n", 42);
  const Probe seen = probe(Script().say("220 " + hostile + "\n").answer("EHLO", "250-a\r\n251-b\r\n250 c").answer("QUIT", "221 x"));
  EXPECT_EQ(seen.cause, Cause::none);
  EXPECT_EQ(seen.banner->lines[0], hostile);
  EXPECT_TRUE(seen.bare_lf);
  EXPECT_THAT(seen.ehlo->other_codes, ElementsAre(251));
}

TEST(Network, StartTlsRefusedOrNonsense) {
  expect_stopped(probe(greeted().answer("STARTTLS", "454 4.7.0 TLS not available").answer("QUIT", "221 x")), Stage::starttls, Cause::starttls_rejected);
  expect_stopped(probe(greeted().answer("STARTTLS", "what is that")), Stage::starttls, Cause::reply_malformed);
  const Probe garbage = probe(greeted().answer("STARTTLS", "220 go").wait(30ms).say("500 command unrecognized\r\n").hang());
  expect_stopped(garbage, Stage::tls, Cause::tls_failed);
  EXPECT_EQ(garbage.handshake->failure, tls::Failure::not_tls);
  EXPECT_EQ(garbage.handshake->stray_bytes, "500 command unrecognized\r\n");
  EXPECT_EQ(garbage.text_before_tls, "");
  const Probe silent = probe(greeted().answer("STARTTLS", "220 go").hang());
  expect_stopped(silent, Stage::tls, Cause::tls_failed);
  EXPECT_EQ(silent.handshake->failure, tls::Failure::timed_out);
}

// RFC 3207 section 6
TEST(Network, ClearTextBehindStartTlsIsDiscarded) {
  const Probe seen = probe(greeted().expect("STARTTLS").say("220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n").start_tls(identity())
                               .answer("EHLO", "250 mx.example.org").answer("QUIT", "221 x"));
  EXPECT_EQ(seen.cause, Cause::none) << cause_text(seen.cause) << seen.why;
  EXPECT_EQ(seen.text_before_tls, "250-evil\r\n250 AUTH PLAIN\r\n");
  EXPECT_FALSE(seen.capabilities_after_tls->has("AUTH"));
}

TEST(Network, CertificatesOfEveryKind) {
  const auto root = demo::make_identity({.common_name = "Test Root", .authority = true});
  const auto intermediate = demo::make_identity({.common_name = "Test Intermediate", .authority = true, .issuer = &root});
  const auto store = tls::TrustStore::from_pem(root.certificate);
  const auto verified = [&](const demo::Identity& with) {
    const ScriptedSmtpServer server(Script::polite(with));
    const Probe seen = probe(server.endpoint(), {}, store);
    EXPECT_EQ(seen.cause, Cause::none);
    return seen.handshake ? seen.handshake->verification : tls::Verification{};
  };
  const auto make = [&](Clock::duration from, Clock::duration until, const char* name = "mx.example.org") {
    demo::CertificateOrder order{.dns_names = {name}, .issuer = &intermediate};
    order.not_before = Clock::now() + from;
    order.not_after = Clock::now() + until;
    return demo::make_identity(order);
  };
  const auto good = make(-24h, 24h);
  EXPECT_TRUE(verified(good).trusted);
  EXPECT_TRUE(verified(good.alone()).incomplete_chain);
  EXPECT_TRUE(verified(make(-48h, -24h)).expired);
  EXPECT_TRUE(verified(make(24h, 48h)).not_yet_valid);
  EXPECT_EQ(verified(make(-24h, 24h, "other.example.org")).name_matches, false);
  EXPECT_TRUE(verified(identity()).self_signed);
}

TEST(Network, OldProtocolsAreSeen) {
  const auto rsa = demo::make_identity({.key = demo::CertificateOrder::Key::rsa_1024, .digest = "SHA1"});
  const ScriptedSmtpServer server(greeted().answer("STARTTLS", "220 go").start_tls(rsa, 0x0301).answer("EHLO", "250 mx").answer("QUIT", "221 x"));
  const Probe seen = probe(server.endpoint());
  EXPECT_EQ(seen.cause, Cause::none) << seen.why;
  ASSERT_TRUE(seen.handshake);
  EXPECT_EQ(seen.handshake->protocol, "TLSv1");
  EXPECT_THAT(seen.handshake->group, testing::Not(testing::IsEmpty()));
  EXPECT_EQ(seen.handshake->chain.at(0).key_bits, 1024);
  EXPECT_EQ(seen.handshake->chain.at(0).signature_digest, "SHA1");
}

TEST(Network, AlertOfTheServerIsNamed) {
  // An RSA-only cipher with an EC key leaves the server nothing to choose.
  const ScriptedSmtpServer server(greeted().answer("STARTTLS", "220 go").start_tls(identity(), 0x0303, "AES128-SHA"));
  const Probe seen = probe(server.endpoint());
  expect_stopped(seen, Stage::tls, Cause::tls_failed);
  EXPECT_EQ(seen.handshake->failure, tls::Failure::alert);
  ASSERT_TRUE(seen.handshake->alert);
  EXPECT_EQ(seen.handshake->alert->name, "handshake_failure");
  EXPECT_TRUE(seen.handshake->alert->from_peer);
}

TEST(Network, ImplicitTls) {
  const ScriptedSmtpServer server(Script().start_tls(identity()).reply("220 mx").answer("EHLO", "250 mx").answer("QUIT", "221 x"));
  const Probe seen = probe(server.endpoint(), {.encryption = Encryption::implicit});
  EXPECT_EQ(seen.cause, Cause::none) << seen.why;
  EXPECT_TRUE(seen.handshake->completed);
  EXPECT_TRUE(seen.capabilities);
}

TEST(Network, SenderAndRecipient) {
  const ScriptedSmtpServer server(Script().reply("220 mx").answer("EHLO", "250 mx").answer("MAIL FROM:<a@example.org>", "250 ok")
                                      .answer("RCPT TO:<b@example.net>", "550 5.1.1 no such user").answer("QUIT", "221 x"));
  const Probe seen = probe(server.endpoint(), {.quit_after = Stage::rcpt, .mail_from = "a@example.org", .rcpt_to = "b@example.net"});
  expect_stopped(seen, Stage::rcpt, Cause::rcpt_rejected);
  EXPECT_EQ(seen.rcpt->enhanced->text(), "5.1.1");
  EXPECT_THAT(server.heard(), Contains("QUIT"));
}

TEST(Network, ConnectToLeadsElsewhere) {
  const ScriptedSmtpServer server(Script().reply("220 mx").answer("EHLO", "250 mx").answer("QUIT", "221 x"));
  NetworkOptions options;
  options.timeout = 2000ms;
  options.connect_to = {*net::ConnectTo::parse("mx.example.org:25:127.0.0.1:" + std::to_string(server.endpoint().port))};
  NetworkProber prober(options, no_trust(), Clock::now());
  ProbeRequest request{.endpoint = *net::parse_endpoint("192.0.2.1", 25), .host = "mx.example.org", .helo = "named.example"};
  const Probe seen = test::run(prober.probe(request));
  EXPECT_EQ(seen.cause, Cause::none);
  EXPECT_EQ(seen.request.endpoint.text(), "192.0.2.1:25");
  EXPECT_EQ(seen.connected_to, server.endpoint());
  EXPECT_THAT(server.heard(), Contains("EHLO named.example"));
}

TEST(Network, OurOwnFaultsAreOurs) {
  const ScriptedSmtpServer server(Script::polite(identity()));
  NetworkOptions options;
  options.timeout = 2000ms;
  options.bind_address = net::parse_address("192.0.2.77");  // not ours
  NetworkProber prober(options, no_trust(), Clock::now());
  const Probe seen = test::run(prober.probe({.endpoint = server.endpoint()}));
  expect_stopped(seen, Stage::connect, Cause::local_error);
  EXPECT_THAT(seen.why, HasSubstr("192.0.2.77"));
  const Probe injected = probe(server.endpoint(), {.helo = "a\r\nMAIL FROM:<>"});
  EXPECT_EQ(injected.cause, Cause::local_error);
  EXPECT_TRUE(server.heard().empty());
}

TEST(Network, LeavesNoSocketOpen) {
  const auto script = Script().hang();
  const ScriptedSmtpServer server(script);
  (void)probe(server.endpoint());
  std::this_thread::sleep_for(50ms);
  const std::size_t before = open_files();
  for (int i = 0; i < 3; ++i) (void)probe(server.endpoint());
  std::this_thread::sleep_for(50ms);
  EXPECT_LE(open_files(), before);
}

namespace {
ProbeRequest logging_in(std::vector<std::string> mechanisms = {}, bool without_tls = true) {
  LoginRequest login{.credentials = {.user = "user", .password = "s3cret-word"}, .mechanisms = std::move(mechanisms), .without_tls = without_tls, .to_anybody = true};
  return {.quit_after = Stage::auth, .login = std::move(login)};
}
Script offering(const std::string& auth) { return Script().reply("220 mx").answer("EHLO", "250-mx\r\n250 AUTH " + auth); }
/// Everything of a probe that a report may show.
std::string shown(const Probe& seen) {
  std::string out = seen.why;
  for (const TranscriptEntry& entry : seen.transcript.entries()) out += entry.text + "\n";
  if (seen.login) out += seen.login->why + seen.login->server_error + (seen.login->reply ? seen.login->reply->text() : "");
  return out;
}
}  // namespace

TEST(NetworkLogin, LetsIn) {
  const ScriptedSmtpServer server(offering("PLAIN LOGIN").answer("AUTH PLAIN AHVzZXIAczNjcmV0LXdvcmQ=", "235 2.7.0 welcome").answer("QUIT", "221 x"));
  const Probe seen = probe(server.endpoint(), logging_in());
  EXPECT_EQ(seen.cause, Cause::none) << seen.why;
  ASSERT_TRUE(seen.login && seen.login->reply);
  EXPECT_EQ(seen.login->mechanism, "PLAIN");
  EXPECT_EQ(seen.login->reply->code, 235);
  EXPECT_FALSE(seen.login->encrypted);
  EXPECT_EQ(seen.stage(Stage::auth)->outcome, StageRecord::Outcome::passed);
}

TEST(NetworkLogin, NoPasswordForACertificateThatProvesNothing) {
  const auto script = [] { return greeted().answer("STARTTLS", "220 go").start_tls(identity()).answer("EHLO", "250-mx\r\n250 AUTH PLAIN").expect("QUIT"); };
  ProbeRequest request = logging_in();
  request.login->to_anybody = false;
  const ScriptedSmtpServer server(script());
  expect_stopped(probe(server.endpoint(), request), Stage::auth, Cause::auth_untrusted);
  for (const std::string& line : server.heard()) EXPECT_THAT(line, testing::Not(HasSubstr("AUTH")));
}

TEST(NetworkLogin, NoSecretIsShown) {
  // The server says back the response, the password, and a challenge with the password inside.
  const Probe echo = probe(offering("PLAIN").answer("AUTH PLAIN", "535 5.7.8 no: AHVzZXIAczNjcmV0LXdvcmQ= s3cret-word czNjcmV0LXdvcmQ=").answer("QUIT", "221 x"), logging_in());
  expect_stopped(echo, Stage::auth, Cause::auth_rejected);
  const Probe asked = probe(offering("LOGIN").answer("AUTH LOGIN", "334 VXNlcm5hbWU6").answer("dXNlcg==", "334 UGFzc3dvcmQ6").answer("czNjcmV0LXdvcmQ=", "334 eW91ciBzM2NyZXQtd29yZA==").answer("*", "501 x"),
                            logging_in());
  for (const Probe* seen : {&echo, &asked})
    for (const char* secret : {"s3cret-word", "czNjcmV0LXdvcmQ", "AHVzZXIAczNjcmV0LXdvcmQ", "eW91ciBzM2NyZXQtd29yZA"}) EXPECT_THAT(shown(*seen), testing::Not(HasSubstr(secret)));
  EXPECT_THAT(shown(echo), HasSubstr("AUTH PLAIN ********"));
}

TEST(NetworkLogin, StaysOneStageWhenItIsSilentOrCut) {
  expect_stopped(probe(offering("LOGIN").answer("AUTH LOGIN", "334 VXNlcm5hbWU6").expect("dXNlcg==").hang(), logging_in()), Stage::auth, Cause::timed_out);
  const Probe cut = probe(offering("LOGIN").answer("AUTH LOGIN", "334 VXNlcm5hbWU6").expect("dXNlcg=="), logging_in());
  expect_stopped(cut, Stage::auth, Cause::closed);
  ASSERT_TRUE(cut.login);
  EXPECT_EQ(cut.login->mechanism, "LOGIN");
  EXPECT_EQ(std::count_if(cut.stages.begin(), cut.stages.end(), [](const StageRecord& s) { return s.stage == Stage::auth; }), 1);
}

TEST(NetworkLogin, NotInClearUnlessToldSo) {
  const ScriptedSmtpServer server(offering("PLAIN").answer("QUIT", "221 x"));
  expect_stopped(probe(server.endpoint(), logging_in({}, false)), Stage::auth, Cause::auth_in_clear);
  EXPECT_THAT(server.heard(), ElementsAre("EHLO probe.example", "QUIT"));
}

TEST(NetworkLogin, ThroughTls) {
  const Probe seen = probe(greeted().answer("STARTTLS", "220 go").start_tls(identity()).answer("EHLO", "250-mx\r\n250 AUTH PLAIN").answer("AUTH PLAIN", "235 ok").answer("QUIT", "221 x"),
                           logging_in({}, false));
  EXPECT_EQ(seen.cause, Cause::none) << seen.why;
  EXPECT_TRUE(seen.login->encrypted);
}

TEST(Network, ProxyHeaderComesFirst) {
  const ScriptedSmtpServer server(Script().expect("PROXY TCP4 192.0.2.7 198.51.100.25 1234 25").reply("220 mx").answer("EHLO", "250 mx").answer("QUIT", "221 x"));
  ProxyHeader header{.version = 1, .source = net::parse_endpoint("192.0.2.7:1234", 0), .destination = net::parse_endpoint("198.51.100.25:25", 0)};
  EXPECT_EQ(probe(server.endpoint(), {.proxy = header}).cause, Cause::none);
}

TEST(Network, QuitIsNotWaitedForUnlessToldSo) {
  const ScriptedSmtpServer server(Script().reply("220 mx").answer("EHLO", "250 mx").expect("QUIT").hang());
  NetworkOptions options;
  options.helo = "probe.example";
  options.quit_timeout = 5s;
  NetworkProber prober(options, no_trust(), Clock::now());
  const Probe seen = test::run(prober.probe({.endpoint = server.endpoint()}));
  EXPECT_EQ(seen.cause, Cause::none);
  EXPECT_LT(seen.stage(Stage::quit)->duration, 1s);
}

TEST(Network, GreetingMayTakeItsOwnTime) {
  const auto slow = Script().wait(2600ms).reply("220 mx").answer("EHLO", "250 mx").answer("QUIT", "221 x");
  EXPECT_EQ(probe(slow, {.greeting_patience = 60s}).cause, Cause::none);
}

TEST(Network, UnixSocketThatIsNotThere) {
  const Probe seen = probe(net::Endpoint{}, {.socket_path = "/nonexistent/socket", .lmtp = true});
  expect_stopped(seen, Stage::connect, Cause::local_error);
  EXPECT_THAT(seen.why, HasSubstr("No such file"));
}
