#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "lib/tls/certificate.hpp"
#include "lib/tls/handshake.hpp"
#include "lib/tls/session.hpp"
#include "lib/tls/trust_store.hpp"
#include "tools/demo/certificates.hpp"

using namespace mailmedic;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Clock = std::chrono::system_clock;

namespace {
demo::CertificateOrder authority_order(const std::string& name, const demo::Identity* issuer = nullptr) {
  demo::CertificateOrder order{.common_name = name, .authority = true, .issuer = issuer};
  order.not_before = Clock::now() - 24h * 365;
  order.not_after = Clock::now() + 24h * 365;
  return order;
}

/// A root, an intermediate below it, and a server's certificate below that.
struct Hierarchy {
  explicit Hierarchy(const std::string& name = "Test") : root(demo::make_identity(authority_order(name + " Root"))) {
    intermediate = demo::make_identity(authority_order(name + " Intermediate", &root));
  }
  demo::Identity root, intermediate;
  demo::Identity server(demo::CertificateOrder order = {}) const {
    order.issuer = &intermediate;
    return demo::make_identity(order);
  }
};

tls::Verification verify_now(const demo::Identity& identity, const std::string& trusted, std::string_view host = "mx.example.org") {
  return tls::verify(*tls::parse_certificates_pem(identity.chain), host, tls::TrustStore::from_pem(trusted), Clock::now());
}
}  // namespace

TEST(Certificate, SaysWhatStandsInIt) {
  demo::CertificateOrder order{.common_name = "mail.example.org", .dns_names = {"mx.example.org", "*.example.net"}};
  order.not_before = Clock::from_time_t(1700000000);
  order.not_after = Clock::from_time_t(1800000000);
  const auto identity = demo::make_identity(order);
  const auto certificates = *tls::parse_certificates_pem(identity.certificate);
  ASSERT_EQ(certificates.size(), 1u);
  const tls::Certificate& certificate = certificates[0];
  EXPECT_EQ(certificate.subject, "CN=mail.example.org");
  EXPECT_EQ(certificate.common_name, "mail.example.org");
  EXPECT_THAT(certificate.dns_names, ElementsAre("mx.example.org", "*.example.net"));
  EXPECT_EQ(certificate.not_before, order.not_before);
  EXPECT_EQ(certificate.not_after, order.not_after);
  EXPECT_EQ(certificate.key_type, "EC");
  EXPECT_EQ(certificate.key_group, "prime256v1");
  EXPECT_EQ(certificate.key_bits, 256);
  EXPECT_EQ(certificate.signature, "ecdsa-with-SHA256");
  EXPECT_EQ(certificate.signature_digest, "SHA256");
  EXPECT_EQ(certificate.sha256.size(), 64u);
  EXPECT_EQ(certificate.serial.size(), 16u);
  EXPECT_TRUE(certificate.self_signed);
  EXPECT_FALSE(certificate.may_sign);
  EXPECT_FALSE(certificate.public_key_der.empty());
  EXPECT_EQ(certificate.pem(), identity.certificate);
  EXPECT_EQ(tls::parse_certificate(certificate.der)->sha256, certificate.sha256);
}

TEST(Certificate, RefusesWhatIsNone) {
  EXPECT_FALSE(tls::parse_certificate("not DER"));
  EXPECT_FALSE(tls::parse_certificates_pem("no PEM"));
  EXPECT_FALSE(tls::parse_certificates_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
}

// RFC 9525 section 6.3
TEST(NamesHost, ComparesSubjectAltNamesOnly) {
  tls::Certificate certificate;
  certificate.common_name = "cn.example.org";
  certificate.dns_names = {"MX.example.org", "*.example.net", "f*.example.com", "mail.*.example.com", std::string("nul.example\0.org", 16)};
  EXPECT_TRUE(tls::names_host(certificate, "mx.EXAMPLE.org"));
  EXPECT_TRUE(tls::names_host(certificate, "mx.example.org."));
  EXPECT_TRUE(tls::names_host(certificate, "mx1.example.net"));
  EXPECT_FALSE(tls::names_host(certificate, "example.net"));
  EXPECT_FALSE(tls::names_host(certificate, "a.b.example.net"));    // one label only
  EXPECT_FALSE(tls::names_host(certificate, "foo.example.com"));    // the wildcard is not the whole label
  EXPECT_FALSE(tls::names_host(certificate, "mail.a.example.com"));  // nor the leftmost one
  EXPECT_FALSE(tls::names_host(certificate, "cn.example.org"));
  EXPECT_FALSE(tls::names_host(certificate, "nul.example"));
  EXPECT_FALSE(tls::names_host(certificate, "192.0.2.1"));
  EXPECT_FALSE(tls::names_host(certificate, ""));
}

TEST(Verify, TrustsAWholeChain) {
  const Hierarchy made;
  const auto verified = verify_now(made.server(), made.root.certificate);
  EXPECT_TRUE(verified.performed);
  EXPECT_TRUE(verified.trusted);
  EXPECT_TRUE(verified.anchored);
  EXPECT_EQ(verified.code, 0);
  EXPECT_EQ(verified.name_matches, true);
}

TEST(Verify, TellsDatesFromTrustFromNames) {
  const Hierarchy made;
  demo::CertificateOrder old;
  old.not_before = Clock::now() - 48h;
  old.not_after = Clock::now() - 24h;
  old.dns_names = {"other.example.org"};
  const auto expired = verify_now(made.server(old), made.root.certificate);
  EXPECT_FALSE(expired.trusted);
  EXPECT_TRUE(expired.anchored);
  EXPECT_TRUE(expired.expired);
  EXPECT_FALSE(expired.not_yet_valid);
  EXPECT_EQ(expired.depth, 0);
  EXPECT_EQ(expired.code, 10);
  EXPECT_EQ(expired.name_matches, false);

  demo::CertificateOrder early;
  early.not_before = Clock::now() + 24h;
  const auto future = verify_now(made.server(early), made.root.certificate);
  EXPECT_TRUE(future.not_yet_valid);
  EXPECT_FALSE(future.expired);
  EXPECT_TRUE(future.anchored);

  // The time is a parameter: the same chain is fine on the day before yesterday's morning.
  const auto chain = *tls::parse_certificates_pem(made.server(old).chain);
  EXPECT_TRUE(tls::verify(chain, "", tls::TrustStore::from_pem(made.root.certificate), Clock::now() - 36h).trusted);
}

TEST(Verify, TellsSelfSignedUnknownIssuerAndIncompleteChain) {
  const Hierarchy made, stranger("Other");
  const auto self_signed = verify_now(demo::make_identity({}), made.root.certificate);
  EXPECT_TRUE(self_signed.self_signed);
  EXPECT_FALSE(self_signed.unknown_issuer || self_signed.incomplete_chain || self_signed.anchored);

  const auto unknown = verify_now(stranger.server(), made.root.certificate);
  EXPECT_TRUE(unknown.unknown_issuer);
  EXPECT_FALSE(unknown.self_signed || unknown.incomplete_chain || unknown.anchored);

  const auto root_sent = tls::parse_certificates_pem(stranger.server().chain + stranger.root.certificate);
  const auto other_root = tls::verify(*root_sent, "", tls::TrustStore::from_pem(made.root.certificate), Clock::now());
  EXPECT_TRUE(other_root.unknown_issuer);
  EXPECT_FALSE(other_root.self_signed || other_root.incomplete_chain);

  // A root of the same name with another key: neither of these, and no trust.
  const Hierarchy double_name;
  const auto forged = verify_now(double_name.server(), made.root.certificate);
  EXPECT_FALSE(forged.trusted || forged.anchored);

  const auto incomplete = verify_now(made.server().alone(), made.root.certificate);
  EXPECT_TRUE(incomplete.incomplete_chain);
  EXPECT_FALSE(incomplete.self_signed || incomplete.unknown_issuer || incomplete.anchored);
}

TEST(Verify, SaysThatItCouldNotLook) {
  const auto nothing = tls::verify({}, "mx.example.org", tls::TrustStore::system(), Clock::now());
  EXPECT_FALSE(nothing.performed);
  const auto chain = *tls::parse_certificates_pem(demo::make_identity({}).chain);
  const auto unread = tls::verify(chain, "mx.example.org", tls::TrustStore::from_file("/nonexistent/ca.pem"), Clock::now());
  EXPECT_FALSE(unread.performed);
  EXPECT_FALSE(unread.trusted);
  EXPECT_THAT(unread.text, HasSubstr("/nonexistent/ca.pem"));
  EXPECT_EQ(unread.name_matches, true);
}

TEST(TrustStore, NamesTheFileThatItCannotUse) {
  EXPECT_EQ(tls::TrustStore::from_file("/nonexistent/ca.pem").error(), "/nonexistent/ca.pem: No such file or directory");
  const std::string path = testing::TempDir() + "empty-ca.pem";
  std::ofstream(path) << "nothing\n";
  EXPECT_EQ(tls::TrustStore::from_file(path).error(), path + ": no certificate in it");
  std::ofstream(path) << demo::make_identity({}).certificate;
  EXPECT_THAT(tls::TrustStore::from_file(path).error(), IsEmpty());
}

TEST(Session, TellsPlainTextFromTls) {
  tls::Session session({.host = "mx.example.org"});
  EXPECT_EQ(session.take_output().substr(0, 2), "\x16\x03");
  session.receive("454 4.7.0 TLS not available\r\n");
  ASSERT_EQ(session.state(), tls::Session::State::failed);
  EXPECT_EQ(session.facts().failure, tls::Failure::not_tls);
  EXPECT_EQ(session.facts().stray_bytes, "454 4.7.0 TLS not available\r\n");
  EXPECT_EQ(session.facts().sni, "mx.example.org");
}

TEST(Session, NamesTheAlertAndWhoSentIt) {
  tls::Session session({});
  session.take_output();
  session.receive(std::string_view("\x15\x03\x03\x00\x02\x02\x46", 7));  // fatal, protocol_version
  ASSERT_EQ(session.state(), tls::Session::State::failed);
  const tls::Handshake facts = session.facts();
  EXPECT_EQ(facts.failure, tls::Failure::alert);
  ASSERT_TRUE(facts.alert);
  EXPECT_EQ(facts.alert->name, "protocol_version");
  EXPECT_EQ(facts.alert->code, 70);
  EXPECT_TRUE(facts.alert->from_peer);
}

TEST(Session, SendsNoAddressAsServerName) {
  EXPECT_EQ(tls::Session({.host = "192.0.2.1"}).facts().sni, "");
  EXPECT_EQ(tls::Session({.host = "2001:db8::1"}).facts().sni, "");
}

TEST(Session, RefusesAnOfferThatOpenSslDoesNotKnow) {
  for (const tls::Offer& offer : {tls::Offer{.ciphers = "NONSENSE"}, tls::Offer{.groups = "nonsense"}}) {
    tls::Session session(offer);
    EXPECT_EQ(session.state(), tls::Session::State::failed);
    EXPECT_EQ(session.facts().failure, tls::Failure::local);
    EXPECT_NE(session.facts().error, "");
    EXPECT_EQ(session.take_output(), "");
    session.receive("220 hello\r\n");
    session.send("EHLO x\r\n");
    EXPECT_EQ(session.take_plaintext(), "");
  }
}

