// Each finding of the DKIM key check: what triggers it, and what does not.
#include "checks/dkim/check.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

std::string base64(const std::string& bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string der(EVP_PKEY* key, bool wrapped) {
  unsigned char* bytes = nullptr;
  const int size = wrapped ? i2d_PUBKEY(key, &bytes) : i2d_PublicKey(key, &bytes);
  std::string out(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  EVP_PKEY_free(key);
  return out;
}

/// A public RSA key of that size; that its modulus is no product of primes is nobody's concern here.
std::string rsa_der(int bits, unsigned long exponent = 65537, bool wrapped = true) {
  BIGNUM* n = BN_new();
  BN_set_bit(n, bits - 1);
  BN_set_bit(n, 0);
  BIGNUM* e = BN_new();
  BN_set_word(e, exponent);
  OSSL_PARAM_BLD* build = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
  OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
  OSSL_PARAM* params = OSSL_PARAM_BLD_to_param(build);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context);
  EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(params);
  OSSL_PARAM_BLD_free(build);
  BN_free(n);
  BN_free(e);
  return der(key, wrapped);
}
std::string rsa(int bits, unsigned long exponent = 65537) { return base64(rsa_der(bits, exponent)); }

/// A TXT record in zone form, cut into strings.
std::string txt(std::string_view owner, std::string text) {
  std::string out = std::string(owner) + ". TXT";
  for (std::size_t at = 0; at < text.size(); at += 200) {
    out += " \"";
    for (const char c : text.substr(at, 200)) out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    out += "\"";
  }
  return out + "\n";
}

CheckReport check(dns::Zone& zone, std::vector<std::string> selectors = {"test"}) {
  test::DnsProbes probes(zone);
  Target target{.domain = name("example.org")};
  target.selectors = std::move(selectors);
  CheckReport report = test::run(dkim::check(target, probes));
  for (const auto* list : {&report.findings, &report.unknowns})
    for (const Finding& finding : *list)
      if (finding.id.starts_with("dkim.")) test::expect_words_are_filled(finding);
  return report;
}
CheckReport check(const std::string& text, std::vector<std::string> selectors = {"test"}) {
  dns::Zone zone = dns::Zone::parse("example.org. MX 10 mx.example.org.\n" + text).value();
  return check(zone, std::move(selectors));
}
std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.emplace_back(finding.id);
  return out;
}
std::vector<std::string> ids(const CheckReport& report) { return ids(report.findings); }

constexpr auto at_test = "test._domainkey.example.org";
std::vector<std::string> about(const std::string& record) { return ids(check(txt(at_test, record))); }
constexpr auto ed25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";  // RFC 8463 appendix A.2

}  // namespace

TEST(DkimKey, IsMeasured) {
  const dkim::Key wrapped = dkim::inspect_key(rsa(2048), "rsa");
  EXPECT_EQ(wrapped.fault, dkim::KeyFault::none) << wrapped.why;
  EXPECT_EQ(wrapped.bits, 2048);
  EXPECT_EQ(wrapped.exponent, 65537u);
  EXPECT_FALSE(wrapped.bare_pkcs1);
  const dkim::Key bare = dkim::inspect_key(base64(rsa_der(1024, 3, false)), "rsa");
  EXPECT_EQ(bare.fault, dkim::KeyFault::none) << bare.why;
  EXPECT_EQ(bare.bits, 1024);
  EXPECT_EQ(bare.exponent, 3u);
  EXPECT_TRUE(bare.bare_pkcs1);
  EXPECT_EQ(dkim::inspect_key(ed25519, "ed25519").fault, dkim::KeyFault::none);
  // RFC 6376 appendix A.2
  EXPECT_EQ(dkim::inspect_key("MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/"
                              "RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB", "rsa").bits, 1024);
}

TEST(DkimKey, IsRefusedForItsOwnReason) {
  const auto fault = [](const std::string& text, std::string_view type) { return dkim::inspect_key(text, type).fault; };
  const std::string key = rsa(2048);
  for (const std::size_t size : {std::size_t(20), std::size_t(253), key.size() - 4, key.size() - 1}) EXPECT_EQ(fault(key.substr(0, size), "rsa"), dkim::KeyFault::truncated) << size;
  EXPECT_EQ(fault(key.substr(0, 40) + "\"" + key.substr(40), "rsa"), dkim::KeyFault::truncated);
  EXPECT_EQ(fault("hello world", "rsa"), dkim::KeyFault::not_base64);
  EXPECT_EQ(fault("aGVsbG8gd29ybGQh", "rsa"), dkim::KeyFault::not_a_key);
  EXPECT_EQ(fault(base64(rsa_der(2048) + "x"), "rsa"), dkim::KeyFault::not_a_key);
  EXPECT_EQ(fault(ed25519, "rsa"), dkim::KeyFault::wrong_type);
  EXPECT_EQ(fault(base64(der(EVP_EC_gen("P-256"), true)), "rsa"), dkim::KeyFault::wrong_type);
  EXPECT_EQ(fault("MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "ed25519"), dkim::KeyFault::ed25519_wrapped);
  EXPECT_EQ(fault("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMl", "ed25519"), dkim::KeyFault::truncated);
  EXPECT_EQ(fault(rsa(1024), "ed25519"), dkim::KeyFault::not_a_key);
}

TEST(DkimRecord, IsReadWithItsDefaults) {
  const auto bare = dkim::parse_key_record("p=").value();
  EXPECT_EQ(bare.key_type, "rsa");
  EXPECT_EQ(bare.key, "");
  EXPECT_TRUE(bare.serves("email"));
  EXPECT_TRUE(bare.allows_hash("sha256"));
  const auto full = dkim::parse_key_record("v=DKIM1; h=sha1 : SHA256; k=ed25519; n=x; s=email:tlsrpt; t=y:s; p= AB CD\t= ; x=1;").value();
  EXPECT_EQ(full.key, "ABCD=");
  EXPECT_EQ(full.key_type, "ed25519");
  EXPECT_TRUE(full.allows_hash("sha256"));
  EXPECT_TRUE(full.has_flag("s"));
  EXPECT_TRUE(full.serves("tlsrpt"));
  EXPECT_THAT(full.unknown_tags, testing::ElementsAre("x"));
  EXPECT_FALSE(dkim::parse_key_record("hello"));
}

TEST(DkimCheck, HasNothingAgainstGoodKeys) {
  EXPECT_THAT(about("v=DKIM1; k=rsa; p=" + rsa(2048)), IsEmpty());
  EXPECT_THAT(about("p=" + rsa(4096)), IsEmpty());
  EXPECT_THAT(about(std::string("v=DKIM1; k=ed25519; p=") + ed25519), IsEmpty());
  EXPECT_THAT(about("v=DKIM1; h=sha256; s=email; t=s; n=note; p=" + rsa(2048)), IsEmpty());
  const auto facts = check(txt(at_test, "v=DKIM1; t=s; p=" + rsa(2048))).facts.at("keys").as_array().at(0).as_object();
  EXPECT_EQ(facts.at("algorithm"), "rsa");
  EXPECT_EQ(facts.at("bits"), 2048);
  EXPECT_EQ(facts.at("flags").as_array().at(0), "s");
  EXPECT_EQ(facts.at("user_named"), true);
}

TEST(DkimCheck, FindsFaultsOfARecord) {
  const std::string good = "p=" + rsa(2048);
  EXPECT_THAT(ids(check(txt(at_test, good) + txt(at_test, "v=DKIM1; " + good))), UnorderedElementsAre("dkim.several-records"));
  EXPECT_THAT(about("hello"), UnorderedElementsAre("dkim.syntax"));
  EXPECT_THAT(about("v=dkim1; " + good), UnorderedElementsAre("dkim.version"));
  EXPECT_THAT(about("v=DKIM1\\; " + good), UnorderedElementsAre("dkim.version"));
  EXPECT_THAT(about(good + "; v=DKIM1"), UnorderedElementsAre("dkim.version"));
  EXPECT_THAT(about("k=rsa; k=rsa; " + good), UnorderedElementsAre("dkim.duplicate-tag"));
  EXPECT_THAT(about("v=DKIM1; k=rsa"), UnorderedElementsAre("dkim.key-absent"));
  EXPECT_THAT(about("v=DKIM1; p="), UnorderedElementsAre("dkim.revoked"));
  EXPECT_THAT(about("v=DKIM1; p=hello!"), UnorderedElementsAre("dkim.bad-base64"));
  EXPECT_THAT(about("v=DKIM1; p=aGVsbG8gd29ybGQh"), UnorderedElementsAre("dkim.bad-key"));
  EXPECT_THAT(about("v=DKIM1; p=" + rsa(2048).substr(0, 240)), UnorderedElementsAre("dkim.truncated"));
  EXPECT_THAT(about("k=dsa; " + good), UnorderedElementsAre("dkim.unknown-key-type"));
  EXPECT_THAT(about("p=" + rsa(512)), UnorderedElementsAre("dkim.short-key"));
  EXPECT_THAT(about("p=" + rsa(1024)), UnorderedElementsAre("dkim.weak-key"));
  EXPECT_THAT(about("p=" + rsa(8192)), UnorderedElementsAre("dkim.long-key"));
  EXPECT_THAT(about("p=" + rsa(2048, 3)), UnorderedElementsAre("dkim.exponent"));
  EXPECT_THAT(about("k=ed25519; p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="), UnorderedElementsAre("dkim.ed25519-form"));
  EXPECT_THAT(about("h=sha1; " + good), UnorderedElementsAre("dkim.hash"));
  EXPECT_THAT(about("t=y; " + good), UnorderedElementsAre("dkim.testing"));
  EXPECT_THAT(about("s=tlsrpt; " + good), UnorderedElementsAre("dkim.service"));
  EXPECT_THAT(about("g=; " + good), UnorderedElementsAre("dkim.granularity"));
}

TEST(DkimCheck, FindsAbsentKeysOfNamedSelectors) {
  EXPECT_THAT(ids(check("")), UnorderedElementsAre("dkim.key-missing"));
  EXPECT_THAT(ids(check("test._domainkey.example.org. A 192.0.2.1")), UnorderedElementsAre("dkim.key-missing"));
  EXPECT_THAT(ids(check("test._domainkey.example.org. CNAME gone.example.com.")), UnorderedElementsAre("dkim.dangling-alias"));
  EXPECT_THAT(ids(check("", {"a..b"})), UnorderedElementsAre("dkim.bad-selector"));
}

TEST(DkimCheck, KnowsAWildcard) {
  EXPECT_THAT(ids(check(txt("*.example.org", "v=spf1 -all"))), UnorderedElementsAre("dkim.wildcard", "dkim.key-missing"));
  EXPECT_THAT(ids(check(txt("*._domainkey.example.org", "v=spf1 -all") + txt(at_test, "p=" + rsa(2048)))), UnorderedElementsAre("dkim.wildcard"));
}

TEST(DkimCheck, TriesUsualSelectorsWhenNoneIsNamed) {
  const auto found = check(txt("selector1._domainkey.example.org", "v=DKIM1; p=" + rsa(2048)), {});
  EXPECT_THAT(ids(found), IsEmpty());
  EXPECT_EQ(found.outcome, Outcome::ran);
  EXPECT_EQ(found.facts.at("keys").as_array().size(), 1u);
  // Leftovers are not shouted about.
  EXPECT_EQ(check(txt("s1._domainkey.example.org", "p="), {}).findings.at(0).severity, Severity::info);
  EXPECT_EQ(check(txt("s1._domainkey.example.org", "p=hello!"), {}).findings.at(0).severity, Severity::warning);
  EXPECT_EQ(check(txt("s1._domainkey.example.org", "p=" + rsa(512)), {}).findings.at(0).severity, std::nullopt);
}

TEST(DkimCheck, CannotTellWithoutASelector) {
  const auto report = check("", {});
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report), IsEmpty());
  EXPECT_THAT(ids(report.unknowns), UnorderedElementsAre("dkim.no-selector-known"));
  dns::Zone no_mail = dns::Zone::parse("example.org. MX 0 .").value();
  EXPECT_EQ(check(no_mail, {}).outcome, Outcome::ran);
  EXPECT_EQ(check(txt("example.org", "v=spf1 -all"), {}).outcome, Outcome::ran);
}

class DkimCheckWithoutAnswer : public testing::TestWithParam<dns::Status> {};

TEST_P(DkimCheckWithoutAnswer, CannotTellWhetherANamedKeyExists) {
  dns::Zone zone = dns::Zone::parse("example.org. MX 10 mx.example.org.").value();
  zone.fail(name(at_test), GetParam());
  const auto report = check(zone);
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report), IsEmpty());
}

TEST_P(DkimCheckWithoutAnswer, CannotTellAnythingOfGuesses) {
  dns::Zone zone = dns::Zone::parse("example.org. MX 10 mx.example.org.").value();
  zone.fail(name("default._domainkey.example.org"), GetParam());
  const auto report = check(zone, {});
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report), IsEmpty());
  EXPECT_EQ(report.unknowns.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Failures, DkimCheckWithoutAnswer,
                         testing::Values(dns::Status::serv_fail, dns::Status::timed_out, dns::Status::refused, dns::Status::bogus, dns::Status::malformed),
                         test::failure_name);

TEST(DkimCheck, CatalogueFitsTheCode) { test::expect_catalogue_fits_code("dkim"); }
