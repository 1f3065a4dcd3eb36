// What the names of suites say.
#include "lib/tls/registry.hpp"

#include <gtest/gtest.h>

#include <set>

using namespace mailmedic::tls;

TEST(TlsRegistry, NumbersAreInOrderAndNamesAreUnique) {
  std::set<std::string_view> names;
  int last = -1, twice = 0;
  for (const CipherSuite& suite : cipher_suites()) {
    EXPECT_GT(suite.number, last) << suite.name;
    last = suite.number;
    twice += !names.insert(suite.name).second;
  }
  EXPECT_EQ(twice, 2);  // the FIPS suites of Netscape have two numbers each
  EXPECT_GT(cipher_suites().size(), 350u);
}

TEST(TlsRegistry, NamesOfNumbers) {
  EXPECT_EQ(suite_text(0xC02F), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  EXPECT_EQ(suite_text(0x1302), "TLS_AES_256_GCM_SHA384");
  EXPECT_EQ(suite_text(0x0A0A), "0x0A0A");
  EXPECT_EQ(group_text(0x11EC), "X25519MLKEM768");
  EXPECT_EQ(group_text(0x7777), "0x7777");
  EXPECT_EQ(version_text(Version::tls1_0), "TLSv1");
  EXPECT_EQ(version_text(0x7f12), "0x7f12");
  EXPECT_EQ(alert_text(112), "unrecognized_name");
  EXPECT_EQ(alert_text(17), "alert_17");
  EXPECT_EQ(ssl2_suite_text(0x010080), "SSL_CK_RC4_128_WITH_MD5");
}

TEST(TlsRegistry, TraitsOfStrongSuites) {
  const SuiteTraits gcm = traits_of("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
  EXPECT_TRUE(gcm.forward_secret && gcm.aead && gcm.ecdsa && gcm.certificate);
  EXPECT_FALSE(gcm.cbc || gcm.anonymous || gcm.plaintext);
  EXPECT_EQ(gcm.exchange, KeyExchange::ecdh);
  EXPECT_EQ(gcm.bits, 256);
  EXPECT_EQ(gcm.since, Version::tls1_2);
  const SuiteTraits newest = traits_of("TLS_CHACHA20_POLY1305_SHA256");
  EXPECT_EQ(newest.since, Version::tls1_3);
  EXPECT_EQ(newest.bits, 256);
  EXPECT_EQ(traits_of("TLS_AES_128_GCM_SHA256").bits, 128);
  EXPECT_TRUE(traits_of("TLS_SHA256_SHA256").plaintext);
}

TEST(TlsRegistry, TraitsOfWeakSuites) {
  EXPECT_TRUE(traits_of("TLS_DH_anon_WITH_AES_128_CBC_SHA").anonymous);
  EXPECT_TRUE(traits_of("TLS_ECDH_anon_WITH_AES_128_CBC_SHA").forward_secret);
  EXPECT_FALSE(traits_of("TLS_ECDH_RSA_WITH_AES_128_CBC_SHA").forward_secret);
  EXPECT_FALSE(traits_of("TLS_RSA_WITH_AES_128_GCM_SHA256").forward_secret);
  EXPECT_TRUE(traits_of("TLS_RSA_WITH_NULL_SHA").plaintext);
  EXPECT_TRUE(traits_of("TLS_RSA_WITH_3DES_EDE_CBC_SHA").triple_des);
  EXPECT_FALSE(traits_of("TLS_RSA_WITH_3DES_EDE_CBC_SHA").des);
  EXPECT_TRUE(traits_of("TLS_DHE_RSA_WITH_DES_CBC_SHA").des);
  const SuiteTraits exported = traits_of("TLS_RSA_EXPORT_WITH_RC4_40_MD5");
  EXPECT_TRUE(exported.export_grade && exported.rc4 && exported.md5);
  EXPECT_EQ(exported.bits, 40);
  EXPECT_FALSE(traits_of("TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA").forward_secret);
  EXPECT_FALSE(traits_of("TLS_PSK_WITH_AES_128_CBC_SHA").certificate);
  EXPECT_TRUE(traits_of("TLS_RSA_PSK_WITH_AES_128_CBC_SHA").certificate);
}

TEST(TlsRegistry, SuitesOfAVersion) {
  const std::string gcm_name = suite_text(0xC02F), cbc_name = suite_text(0xC013), new_name = suite_text(0x1301), rsa_name = suite_text(0x002F);
  EXPECT_TRUE(is_of({0xC02F, gcm_name}, Version::tls1_2));
  EXPECT_FALSE(is_of({0xC02F, gcm_name}, Version::tls1_1));
  EXPECT_TRUE(is_of({0xC013, cbc_name}, Version::tls1_0));
  EXPECT_FALSE(is_of({0xC013, cbc_name}, Version::ssl3));
  EXPECT_TRUE(is_of({0x1301, new_name}, Version::tls1_3));
  EXPECT_FALSE(is_of({0x1301, new_name}, Version::tls1_2));
  EXPECT_TRUE(is_of({0x002F, rsa_name}, Version::ssl3));
  EXPECT_FALSE(is_of({0x002F, rsa_name}, Version::tls1_3));
}
