// The scan of a server's TLS over real connections: what it takes, and what a server that does not answer leaves unknown.
#include <gtest/gtest.h>

#include <algorithm>

#include "lib/smtp/tls_scanner.hpp"
#include "tests/support/run.hpp"
#include "tools/demo/scripted_smtp_server.hpp"

using namespace mailmedic;
using namespace std::chrono_literals;
using smtp::Scanned;
using Support = tls::VersionFacts::Support;

namespace {
Scanned scan(net::Endpoint endpoint, smtp::ScanOptions options) {
  smtp::ScanRequest request{.endpoint = endpoint, .host = "mx.example.org"};
  return test::run(smtp::scan_tls(std::move(request), std::move(options)));
}
Scanned scan(net::Endpoint endpoint) { return scan(endpoint, smtp::ScanOptions{.timeout = 20s}); }

void expect_nothing_told(const Scanned& seen) {
  EXPECT_FALSE(seen.speaks_tls());
  EXPECT_EQ(seen.versions.size(), 6u);
  for (const tls::VersionFacts& facts : seen.versions) EXPECT_EQ(facts.support, Support::unknown) << tls::version_text(facts.version) << ": " << facts.how;
}
demo::Script greeting() { return demo::Script().reply("220 mx.example.org ESMTP").expect("EHLO").say("250-mx.example.org\r\n250 STARTTLS\r\n").answer("STARTTLS", "220 go"); }
}  // namespace

TEST(TlsScanner, FindsWhatTheServerTakes) {
  const demo::ScriptedSmtpServer server(demo::Script::polite(demo::make_identity({})));
  smtp::ScanOptions options{.timeout = 20s, .at_once = 2};
  const Scanned seen = scan(server.endpoint(), options);
  ASSERT_TRUE(seen.speaks_tls());
  const tls::VersionFacts *newest = seen.version(tls::Version::tls1_3), *before = seen.version(tls::Version::tls1_2);
  EXPECT_TRUE(newest->is_spoken() && newest->suites_are_all && newest->suites.size() == 3) << newest->how;
  EXPECT_TRUE(before->is_spoken() && before->suites_are_all && !before->suites.empty()) << before->how;
  for (const auto old : {tls::Version::tls1_1, tls::Version::tls1_0}) EXPECT_EQ(seen.version(old)->support, Support::yes) << seen.version(old)->how;  // the script's server is lax
  for (const auto old : {tls::Version::ssl3, tls::Version::ssl2})
    EXPECT_EQ(seen.version(old)->support, Support::no) << tls::version_text(old) << ": " << seen.version(old)->how;
  EXPECT_EQ(seen.failed, 0);
  // The script's server has new ticket keys for each connection, and OpenSSL 3 lets no client begin a second handshake.
  ASSERT_EQ(seen.sessions.size(), 2u);
  for (const smtp::SessionFacts& session : seen.sessions) EXPECT_EQ(session.resumption, smtp::SessionFacts::Resumption::refused) << session.why;
  EXPECT_EQ(seen.sessions[0].renegotiation, tls::Renegotiation::none);
  EXPECT_EQ(seen.sessions[1].renegotiation, tls::Renegotiation::refused);
  EXPECT_EQ(seen.connections, server.connections());
  EXPECT_LE(server.most_at_once(), 3);  // one may still be closing on the server's side
}

TEST(TlsScanner, NobodyListens) {
  const Scanned seen = scan(demo::refused_endpoint());
  expect_nothing_told(seen);
  EXPECT_NE(seen.trouble, "");
  EXPECT_LE(seen.connections, 12);
}

TEST(TlsScanner, SilenceBeforeTheGreeting) {
  const demo::ScriptedSmtpServer server(demo::Script().hang());
  expect_nothing_told(scan(server.endpoint(), smtp::ScanOptions{.timeout = 150ms}));
}

TEST(TlsScanner, SilenceAfterTheHello) {
  const demo::ScriptedSmtpServer server(greeting().hang());
  expect_nothing_told(scan(server.endpoint(), smtp::ScanOptions{.timeout = 500ms}));
}

TEST(TlsScanner, EveryHelloIsCutOff) {
  const demo::ScriptedSmtpServer server(greeting().wait(100ms));
  expect_nothing_told(scan(server.endpoint()));
}

TEST(TlsScanner, TheServerIsBusy) {
  const demo::ScriptedSmtpServer server(demo::Script().reply("421 4.7.0 mx.example.org too many connections"));
  const Scanned seen = scan(server.endpoint());
  expect_nothing_told(seen);
  EXPECT_NE(seen.trouble.find("too many connections"), std::string::npos) << seen.trouble;
}

namespace {
smtp::SessionFacts sessions(demo::Script script, tls::Protocol protocol = tls::Protocol::tls1_2) {
  const demo::ScriptedSmtpServer server(std::move(script));
  smtp::ScanRequest request{.endpoint = server.endpoint(), .host = "mx.example.org"};
  const smtp::ScanOptions options{.timeout = 500ms};
  return test::run(smtp::try_sessions(std::move(request), protocol, options));
}
}  // namespace

TEST(TlsSessions, WhatDoesNotComeAboutIsUnknown) {
  using Resumption = smtp::SessionFacts::Resumption;
  for (const demo::Script& script : {demo::Script().hang(), demo::Script(), demo::Script().reply("421 busy"), greeting().hang(), greeting(), greeting().reset(), greeting().say("500 what?\r\n"),
                                     demo::Script().flood(100'000), demo::Script().reply("220 mx").answer("EHLO", "250 mx").answer("STARTTLS", "454 not now")}) {
    const smtp::SessionFacts seen = sessions(script);
    EXPECT_EQ(seen.resumption, Resumption::unknown);
    EXPECT_NE(seen.why, "");
    EXPECT_EQ(seen.connections, 1);
    EXPECT_EQ(seen.renegotiation, tls::Renegotiation::none);
  }
}

/// The server goes silent, or leaves, within TLS: no answer to a second handshake is not a yes, and leaving is a no.
TEST(TlsSessions, AServerThatLeavesRefuses) {
  const demo::Identity identity = demo::make_identity({});
  EXPECT_EQ(sessions(greeting().start_tls(identity).answer("EHLO", "250 mx")).renegotiation, tls::Renegotiation::refused);
}
