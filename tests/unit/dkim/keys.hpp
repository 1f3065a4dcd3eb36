#pragma once
// Keys and zones for the tests of this folder.
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

#include "checks/dkim/check.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"

namespace mailmedic::dkim_test {

using testing::Contains;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

inline dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

inline std::string base64(const std::string& bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

inline std::string der(EVP_PKEY* key, bool wrapped) {
  unsigned char* bytes = nullptr;
  const int size = wrapped ? i2d_PUBKEY(key, &bytes) : i2d_PublicKey(key, &bytes);
  std::string out(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  EVP_PKEY_free(key);
  return out;
}

/// A public RSA key of that size; that its modulus is no product of primes is nobody's concern here.
inline std::string rsa_der(int bits, unsigned long exponent = 65537, bool wrapped = true) {
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
inline std::string rsa(int bits, unsigned long exponent = 65537) { return base64(rsa_der(bits, exponent)); }

/// A TXT record in zone form, cut into strings.
inline std::string txt(std::string_view owner, std::string text) {
  std::string out = std::string(owner) + ". TXT";
  for (std::size_t at = 0; at < text.size(); at += 200) {
    out += " \"";
    for (const char c : text.substr(at, 200)) out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    out += "\"";
  }
  return out + "\n";
}

/// How a test runs the check, where it is not for one named selector.
struct Setting {
  std::vector<std::string> selectors{};
  dkim::Given given{};
  bool one_of_many = false;
  TimePoint now{};
};

/// With the services and sample keys of the data files.
inline CheckReport examine(dns::Zone& zone, Setting how) {
  static const dkim::Given data = dkim::read_given(MAILMEDIC_SOURCE_DIR "/checks/dkim").value();
  test::DnsProbes probes(zone, how.now);
  how.given.providers = data.providers;
  how.given.known_keys = data.known_keys;
  Target target{.domain = name("example.org")};
  target.selectors = std::move(how.selectors);
  target.one_of_many = how.one_of_many;
  target.signing = std::make_shared<const dkim::Given>(std::move(how.given));
  CheckReport report = test::run(dkim::check(target, probes));
  for (const auto* list : {&report.findings, &report.unknowns})
    for (const Finding& finding : *list)
      if (finding.id.starts_with("dkim.")) test::expect_words_are_filled(finding);
  return report;
}
inline dns::Zone zone_of(const std::string& text) { return dns::Zone::parse("example.org. MX 10 mx.example.org.\n" + text).value(); }
inline CheckReport examine(const std::string& text, Setting how) {
  dns::Zone zone = zone_of(text);
  return examine(zone, std::move(how));
}
inline CheckReport check(dns::Zone& zone, std::vector<std::string> selectors = {"test"}) { return examine(zone, Setting{.selectors = std::move(selectors)}); }
inline CheckReport check(const std::string& text, std::vector<std::string> selectors = {"test"}) { return examine(text, Setting{.selectors = std::move(selectors)}); }

inline std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.emplace_back(finding.id);
  return out;
}
inline std::vector<std::string> ids(const CheckReport& report) { return ids(report.findings); }

constexpr auto at_test = "test._domainkey.example.org";
inline std::vector<std::string> about(const std::string& record) { return ids(check(txt(at_test, record))); }
constexpr auto ed25519 = "0k/arjorHG5qmp06Gwxef4iZqrvM3e7/ABEiM0RVZnc=";  // nobody has a private key for it

}  // namespace mailmedic::dkim_test
