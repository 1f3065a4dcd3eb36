// Which hellos are sent, and what is concluded: against OpenSSL, and against servers that behave otherwise.
#include "lib/tls/scan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "openssl_server.hpp"

using namespace mailmedic;
using namespace mailmedic::tls;
using How = Heard::How;
using Kind = ServerAnswer::Kind;
using Support = VersionFacts::Support;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {
const demo::Identity& rsa() {
  static const demo::Identity identity = demo::make_identity({.key = demo::CertificateOrder::Key::rsa_2048});
  return identity;
}
const demo::Identity& ecdsa() {
  static const demo::Identity identity = demo::make_identity({});
  return identity;
}

std::vector<std::string> names(const VersionFacts& facts) {
  std::vector<std::string> out;
  for (const SuiteSeen& seen : facts.suites) out.push_back(suite_text(seen.suite));
  return out;
}
std::vector<std::string> group_names(const VersionFacts& facts) {
  std::vector<std::string> out;
  for (const auto group : facts.groups) out.push_back(group_text(group));
  return out;
}

/// A server that a function plays.
struct Played {
  std::function<Heard(const ClientHello&)> hear_;
  int hellos = 0;
  Heard hear(const ClientHello& hello) {
    ++hellos;
    return hear_(hello);
  }
};
Heard alert(int code) {
  ServerAnswer answer{.kind = Kind::alert, .alert = code};
  return {How::answered, answer, {}};
}
Heard choice(Version version, std::uint16_t suite, std::uint16_t group = 0) {
  ServerAnswer answer{.kind = version == Version::tls1_3 ? Kind::retry : Kind::hello, .version = static_cast<std::uint16_t>(version)};
  answer.suite = suite;
  answer.group = group;
  return {How::answered, answer, {}};
}
bool offers(const std::vector<std::uint16_t>& list, std::uint16_t number) { return std::find(list.begin(), list.end(), number) != list.end(); }

/// Takes the first of its own that is offered, else says no.
Heard first_of(const ClientHello& hello, const std::vector<std::uint16_t>& own) {
  for (const auto suite : own)
    if (offers(hello.suites, suite)) return choice(hello.version, suite);
  return alert(40);
}
}  // namespace

TEST(Scan, FindsExactlyTheSuitesOfAServer) {
  test::OpenSslServer server({rsa()}, {.newest = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA:DHE-RSA-AES256-SHA256:ADH-AES128-SHA:@SECLEVEL=0"});
  SuitePass pass(Version::tls1_2, "mx.example.org");
  test::run(pass, server);
  const VersionFacts& facts = pass.facts();
  EXPECT_EQ(facts.support, Support::yes);
  EXPECT_TRUE(facts.suites_are_all);
  EXPECT_THAT(names(facts), UnorderedElementsAre("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", "TLS_DH_anon_WITH_AES_128_CBC_SHA"));
  EXPECT_EQ(facts.server_orders, false);
  EXPECT_EQ(facts.chains.size(), 1u);
  EXPECT_EQ(facts.secure_renegotiation, true);
  EXPECT_FALSE(facts.compresses);
  EXPECT_LE(server.hellos, 6);  // four suites, the refusal, the question about the order
  EXPECT_EQ(facts.connections, server.hellos);
}

TEST(Scan, TheServersOwnOrderIsTheOrderOfItsChoices) {
  test::OpenSslServer server({rsa()}, {.newest = TLS1_2_VERSION, .ciphers = "AES256-SHA:ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-SHA:@SECLEVEL=0", .prefers_its_own = true});
  SuitePass pass(Version::tls1_2, "");
  test::run(pass, server);
  EXPECT_EQ(pass.facts().server_orders, true);
  EXPECT_THAT(names(pass.facts()), ElementsAre("TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"));
  EXPECT_EQ(server.hellos, 4);  // no question about the order: it was not ours
}

TEST(Scan, AnOrderThatIsTheSameAsOursIsAskedAbout) {
  test::OpenSslServer server({rsa()}, {.newest = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES256-GCM-SHA384:AES256-SHA:@SECLEVEL=0", .prefers_its_own = true});
  SuitePass pass(Version::tls1_2, "");
  test::run(pass, server);
  EXPECT_EQ(pass.facts().server_orders, true);
  EXPECT_EQ(server.hellos, 4);
}

TEST(Scan, BothKindsOfCertificatesAreSeen) {
  test::OpenSslServer server({rsa(), ecdsa()}, {.newest = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256"});
  SuitePass pass(Version::tls1_2, "");
  test::run(pass, server);
  EXPECT_EQ(pass.facts().chains.size(), 2u);
}

TEST(Scan, EverySuiteOfOpenSslIsFoundInEveryVersion) {
  test::OpenSslServer server({rsa(), ecdsa()}, {.ciphers = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"});
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  SSL_CTX_set_cipher_list(context.get(), "ALL:COMPLEMENTOFALL:!PSK:!SRP:!aDSS:!kDHr:!kDHd:!kECDHe:!kECDHr:@SECLEVEL=0");
  for (const auto& [version, number] : {std::pair(Version::tls1_0, TLS1_VERSION), std::pair(Version::tls1_1, TLS1_1_VERSION), std::pair(Version::tls1_2, TLS1_2_VERSION)}) {
    std::set<std::string> own;
    const STACK_OF(SSL_CIPHER)* list = SSL_CTX_get_ciphers(context.get());
    for (int i = 0; i < sk_SSL_CIPHER_num(list); ++i) {
      const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(list, i);
      const std::string name = SSL_CIPHER_standard_name(cipher), since = SSL_CIPHER_get_version(cipher);
      if (since != "TLSv1.3" && (since != "TLSv1.2" || number == TLS1_2_VERSION)) own.insert(name);
    }
    SuitePass pass(version, "");
    test::run(pass, server);
    const auto found = names(pass.facts());
    EXPECT_EQ(std::set<std::string>(found.begin(), found.end()), own) << version_text(version);
    EXPECT_TRUE(pass.facts().suites_are_all);
  }
}

TEST(Scan, SuitesAndGroupsOfTls13TogetherInFewConnections) {
  test::OpenSslServer server({ecdsa()}, {.suites = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", .groups = "X25519:P-256:X448:P-521:P-384"});
  Tls13Pass pass("mx.example.org");
  test::run(pass, server);
  const VersionFacts& facts = pass.facts();
  EXPECT_THAT(names(facts), UnorderedElementsAre("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"));
  EXPECT_THAT(group_names(facts), UnorderedElementsAre("x25519", "secp256r1", "x448", "secp521r1", "secp384r1"));
  EXPECT_TRUE(facts.suites_are_all && facts.groups_are_all);
  EXPECT_LE(server.hellos, 8);  // five groups, two refusals, the order
}

TEST(Scan, MoreSuitesThanGroupsInTls13) {
  test::OpenSslServer server({ecdsa()}, {.suites = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256", .groups = "P-256"});
  Tls13Pass pass("");
  test::run(pass, server);
  EXPECT_EQ(pass.facts().suites.size(), 4u);
  EXPECT_THAT(group_names(pass.facts()), ElementsAre("secp256r1"));
  EXPECT_TRUE(pass.facts().suites_are_all && pass.facts().groups_are_all);
}

TEST(Scan, AServerWithoutTls13IsAskedTwice) {
  test::OpenSslServer server({rsa()}, {.newest = TLS1_2_VERSION});
  Tls13Pass pass("");
  test::run(pass, server);
  EXPECT_EQ(pass.facts().support, Support::no);
  EXPECT_LE(server.hellos, 2);
}

TEST(Scan, PostQuantumGroupsAreSeenByTheirSelection) {
  Played server{[](const ClientHello& hello) {
    for (const std::uint16_t group : {0x11EC, 0x001D})
      if (offers(hello.groups, group) && offers(hello.suites, 0x1301)) return choice(Version::tls1_3, 0x1301, group);
    return alert(40);
  }};
  Tls13Pass pass("");
  test::run(pass, server);
  EXPECT_THAT(group_names(pass.facts()), ElementsAre("X25519MLKEM768", "x25519"));
  EXPECT_TRUE(pass.facts().groups_are_all);
}

TEST(Scan, AServerThatNeedsAKeyShareIsAskedWithOne) {
  Played server{[](const ClientHello& hello) {
    if (!hello.share_x25519) return alert(50);
    for (const std::uint16_t suite : {0x1302, 0x1301})
      if (offers(hello.suites, suite)) return choice(Version::tls1_3, suite, 0x001D);
    return alert(40);
  }};
  Tls13Pass pass("");
  test::run(pass, server);
  EXPECT_THAT(names(pass.facts()), ElementsAre("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"));
  EXPECT_TRUE(pass.facts().suites_are_all);
  EXPECT_FALSE(pass.facts().groups_are_all);  // not told, and said so
  EXPECT_NE(pass.facts().how, "");
}

TEST(Scan, TheGroupsOfTls12) {
  test::OpenSslServer server({rsa(), ecdsa()}, {.newest = TLS1_2_VERSION, .groups = "P-521:X25519:P-256:brainpoolP256r1"});
  SuitePass suites(Version::tls1_2, "");
  test::run(suites, server);
  VersionFacts facts = suites.facts();
  GroupPass pass(facts, "");
  test::run(pass, server);
  EXPECT_THAT(group_names(facts), UnorderedElementsAre("secp521r1", "x25519", "secp256r1", "brainpoolP256r1"));
  EXPECT_TRUE(facts.groups_are_all);
}

TEST(Scan, AKeyOnACurveLeavesTheGroupsOpen) {
  test::OpenSslServer server({ecdsa()}, {.newest = TLS1_2_VERSION, .groups = "X25519:P-256:P-384"});
  SuitePass suites(Version::tls1_2, "");
  test::run(suites, server);
  VersionFacts facts = suites.facts();
  GroupPass pass(facts, "");
  test::run(pass, server);
  EXPECT_THAT(group_names(facts), testing::Contains("x25519"));
  EXPECT_FALSE(facts.groups_are_all);
}

TEST(Scan, ALongListThatIsRefusedIsAskedInParts) {
  const std::vector<std::uint16_t> own = {0x0035, 0xC02F, 0x0004};
  Played server{[&](const ClientHello& hello) { return hello.suites.size() > 128 ? alert(40) : first_of(hello, own); }};
  SuitePass pass(Version::tls1_2, "");
  test::run(pass, server);
  EXPECT_THAT(names(pass.facts()), UnorderedElementsAre("TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_RC4_128_MD5"));
  EXPECT_TRUE(pass.facts().suites_are_all);
  EXPECT_EQ(pass.facts().server_orders, std::nullopt);
}

TEST(Scan, AVersionThatIsRefusedForCertainIsAskedOnce) {
  Played server{[](const ClientHello&) { return alert(70); }};
  SuitePass pass(Version::tls1_1, "");
  test::run(pass, server);
  EXPECT_EQ(pass.facts().support, Support::no);
  EXPECT_EQ(pass.facts().how, "alert protocol_version");
  EXPECT_EQ(server.hellos, 1);
}

TEST(Scan, AConnectionThatIsClosedTwiceIsANo) {
  Played server{[](const ClientHello&) { return Heard{How::cut, {}, {}}; }};
  SuitePass pass(Version::ssl2, "");
  test::run(pass, server);
  EXPECT_EQ(pass.facts().support, Support::no);
  EXPECT_EQ(server.hellos, 2);
}

TEST(Scan, AClosedConnectionThatDoesNotRepeatIsNoAnswer) {
  int cuts = 0;
  const std::vector<std::uint16_t> own = {0xC02F, 0x0035};
  Played server{[&](const ClientHello& hello) { return cuts++ % 2 == 0 ? Heard{How::cut, {}, {}} : first_of(hello, own); }};
  SuitePass pass(Version::tls1_2, "");
  test::run(pass, server);
  EXPECT_EQ(pass.facts().suites.size(), 2u);
  EXPECT_TRUE(pass.facts().suites_are_all);
}

TEST(Scan, ALimitOfTheServerLeavesTheRestOpen) {
  int seen = 0;
  const std::vector<std::uint16_t> own = {0xC02F, 0x0035, 0x002F};
  Played server{[&](const ClientHello& hello) { return ++seen > 2 ? Heard{How::not_reached, {}, "421 too many connections"} : first_of(hello, own); }};
  SuitePass pass(Version::tls1_2, "");
  test::run(pass, server);
  EXPECT_EQ(pass.facts().support, Support::yes);
  EXPECT_EQ(pass.facts().suites.size(), 2u);
  EXPECT_FALSE(pass.facts().suites_are_all);
  EXPECT_EQ(pass.facts().how, "421 too many connections");
  SuitePass older(Version::tls1_0, "");
  test::run(older, server);
  EXPECT_EQ(older.facts().support, Support::unknown);
  Tls13Pass newer("");
  test::run(newer, server);
  EXPECT_EQ(newer.facts().support, Support::unknown);
}

TEST(Scan, SilenceIsNotANo) {
  Played server{[](const ClientHello&) { return Heard{How::silent, {}, {}}; }};
  SuitePass pass(Version::tls1_2, "");
  test::run(pass, server);
  EXPECT_EQ(pass.facts().support, Support::unknown);
  EXPECT_EQ(server.hellos, 1);
}

TEST(Scan, AChoiceThatWasNotOfferedEndsThePass) {
  Played server{[](const ClientHello& hello) { return choice(hello.version, 0x0035); }};
  SuitePass pass(Version::tls1_2, "");
  test::run(pass, server);
  EXPECT_EQ(pass.facts().suites.size(), 1u);
  EXPECT_FALSE(pass.facts().suites_are_all);
  Played stubborn{[](const ClientHello&) { return choice(Version::tls1_3, 0x1301, 0x001D); }};
  Tls13Pass newest("");
  test::run(newest, stubborn);
  EXPECT_FALSE(newest.facts().suites_are_all);
}
