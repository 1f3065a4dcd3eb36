// ClientHello messages of our own and what servers say to them: OpenSSL's answers, recorded ones, and hostile bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/tls/certificate.hpp"
#include "openssl_server.hpp"

using namespace mailmedic;
using namespace mailmedic::tls;
using Kind = ServerAnswer::Kind;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {
const demo::Identity& rsa() {
  static const demo::Identity identity = demo::make_identity({.key = demo::CertificateOrder::Key::rsa_2048});
  return identity;
}
const demo::Identity& ecdsa() {
  static const demo::Identity identity = demo::make_identity({});
  return identity;
}
ClientHello hello(Version version, std::vector<std::uint16_t> suites, std::vector<std::uint16_t> groups = {0x001D, 0x0017}) {
  return {.version = version, .suites = std::move(suites), .groups = std::move(groups), .host = "mx.example.org"};
}
ServerAnswer parsed(const std::string& bytes) {
  AnswerParser parser;
  parser.feed(bytes);
  return parser.answer();
}
std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}
}  // namespace

TEST(ClientHello, Tls12IsAnsweredWithChainAndGroup) {
  test::OpenSslServer server({rsa()}, {});
  const ServerAnswer answer = server.hear(hello(Version::tls1_2, {0xC02F})).answer;
  ASSERT_EQ(answer.kind, Kind::hello) << answer.why;
  EXPECT_EQ(version_text(answer.version), "TLSv1.2");
  EXPECT_EQ(suite_text(answer.suite), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  EXPECT_EQ(group_text(answer.group), "x25519");
  EXPECT_TRUE(answer.secure_renegotiation && answer.extended_master_secret && answer.tickets);
  EXPECT_EQ(answer.compression, 0u);
  ASSERT_EQ(answer.chain.size(), 1u);
  EXPECT_THAT(parse_certificate(answer.chain[0]).value().dns_names, ElementsAre("mx.example.org"));
  EXPECT_FALSE(answer.certificate_requested);
  EXPECT_NE(answer.signature, 0);
}

TEST(ClientHello, TheSizeOfDiffieHellmanIsSeen) {
  test::OpenSslServer server({rsa()}, {});
  const ServerAnswer answer = server.hear(hello(Version::tls1_2, {0x0033})).answer;
  ASSERT_EQ(answer.kind, Kind::hello) << answer.why;
  EXPECT_EQ(answer.dh_bits, 2048);
}

TEST(ClientHello, Tls13IsAnsweredWithARetryThatNamesSuiteAndGroup) {
  test::OpenSslServer server({ecdsa()}, {.suites = "TLS_CHACHA20_POLY1305_SHA256", .groups = "P-384:P-256"});
  const ServerAnswer answer = server.hear(hello(Version::tls1_3, {0x1301, 0x1302, 0x1303}, {0x11EC, 0x0018})).answer;
  ASSERT_EQ(answer.kind, Kind::retry) << answer.why << alert_text(answer.alert);
  EXPECT_EQ(version_text(answer.version), "TLSv1.3");
  EXPECT_EQ(suite_text(answer.suite), "TLS_CHACHA20_POLY1305_SHA256");
  EXPECT_EQ(group_text(answer.group), "secp384r1");
}

TEST(ClientHello, Tls13WithAShareIsAnsweredWithAHello) {
  test::OpenSslServer server({ecdsa()}, {});
  ClientHello shared = hello(Version::tls1_3, {0x1301});
  shared.share_x25519 = true;
  const ServerAnswer answer = server.hear(shared).answer;
  ASSERT_EQ(answer.kind, Kind::hello) << answer.why;
  EXPECT_EQ(group_text(answer.group), "x25519");
}

TEST(ClientHello, ARefusalIsAnAlert) {
  test::OpenSslServer server({rsa()}, {.newest = TLS1_2_VERSION});
  const ServerAnswer none = server.hear(hello(Version::tls1_2, {0x0005})).answer;
  EXPECT_EQ(none.kind, Kind::alert);
  EXPECT_EQ(alert_text(none.alert), "handshake_failure");
  test::OpenSslServer newest({rsa()}, {.oldest = TLS1_3_VERSION});
  EXPECT_EQ(alert_text(newest.hear(hello(Version::tls1_2, {0xC02F})).answer.alert), "protocol_version");
  EXPECT_EQ(newest.hear({.version = Version::ssl2}).answer.kind, Kind::alert);
}

TEST(ClientHello, AnOldServerAnswersWithItsOwnVersion) {
  test::OpenSslServer server({rsa()}, {.newest = TLS1_VERSION, .ciphers = "ALL:@SECLEVEL=0"});
  const ServerAnswer answer = server.hear(hello(Version::tls1_2, {0xC02F, 0xC013})).answer;
  ASSERT_EQ(answer.kind, Kind::hello);
  EXPECT_EQ(version_text(answer.version), "TLSv1");
}

TEST(ClientHello, ARequestForACertificateIsSeen) {
  test::OpenSslServer server({rsa()}, {.asks_for_certificate = true});
  EXPECT_TRUE(server.hear(hello(Version::tls1_2, {0xC02F})).answer.certificate_requested);
}

TEST(ServerAnswer, AWarningIsNoEnd) {
  test::OpenSslServer server({rsa()}, {});
  const std::string reply = server.reply_to(bytes_of(hello(Version::tls1_2, {0xC02F}), std::string(hello_randomness, 'r')));
  const ServerAnswer answer = parsed(from_hex("15030300020170") + reply);
  EXPECT_EQ(answer.kind, Kind::hello);
  ASSERT_THAT(answer.warnings, ElementsAre(112));
  EXPECT_EQ(alert_text(answer.warnings[0]), "unrecognized_name");
}

TEST(ServerAnswer, ComesInAnyPieces) {
  test::OpenSslServer server({rsa()}, {});
  const std::string reply = server.reply_to(bytes_of(hello(Version::tls1_2, {0xC02F}), std::string(hello_randomness, 'r')));
  AnswerParser parser;
  for (const char c : reply) {
    EXPECT_FALSE(parser.is_done());
    parser.feed(std::string_view(&c, 1));
  }
  EXPECT_TRUE(parser.is_done());
  EXPECT_EQ(parser.answer().chain.size(), 1u);
}

TEST(ServerAnswer, OfSslTwo) {
  // SERVER-HELLO: no session, X.509, version 2, certificate of 3 bytes, two suites, connection id of 16 bytes.
  const std::string body = from_hex("0400010002000300060010") + "DER" + from_hex("0100800700c0") + std::string(16, 'i');
  const ServerAnswer answer = parsed(from_hex("80") + static_cast<char>(body.size()) + body);
  ASSERT_EQ(answer.kind, Kind::ssl2_hello) << answer.why;
  EXPECT_THAT(answer.ssl2_suites, ElementsAre(0x010080u, 0x0700C0u));
  EXPECT_THAT(answer.chain, ElementsAre("DER"));
  EXPECT_EQ(parsed(from_hex("8003000001ffff")).kind, Kind::alert);
}

TEST(ServerAnswer, WhatIsNoTlsIsKept) {
  const ServerAnswer answer = parsed("454 TLS not available\r\n");
  EXPECT_EQ(answer.kind, Kind::not_tls);
  EXPECT_EQ(answer.stray, "454 TLS not available\r\n");
}

TEST(ServerAnswer, BrokenBytesAreMalformed) {
  EXPECT_EQ(parsed(from_hex("160303ffff0200")).kind, Kind::malformed);              // a record that is too long
  EXPECT_EQ(parsed(from_hex("160303000402ffffff")).kind, Kind::malformed);          // a message that is too long
  EXPECT_EQ(parsed(from_hex("160303000602000002") + "\x03\x03").kind, Kind::malformed);  // a hello that ends too early
  EXPECT_EQ(parsed(from_hex("1603030004") + from_hex("0b000000")).kind, Kind::malformed);  // a certificate before the hello
  EXPECT_EQ(parsed(from_hex("170303000101")).kind, Kind::malformed);
  EXPECT_EQ(parsed(from_hex("16030300")).kind, Kind::none);
  AnswerParser endless;
  for (int i = 0; i < 300; ++i) endless.feed(from_hex("1603034000") + std::string(0x4000, '\0'));
  EXPECT_TRUE(endless.is_done());
}
