#include "tools/demo/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace mailmedic::demo {

namespace {
using Clock = std::chrono::system_clock;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

void must(bool fine, const char* what) {
  if (!fine) throw std::runtime_error(std::string("test certificate: ") + what);
}

Memory reading(const std::string& text) { return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free_all}; }

template <typename Write>
std::string written(Write write) {
  const Memory out(BIO_new(BIO_s_mem()), &BIO_free_all);
  must(write(out.get()) == 1, "PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Key make_key(CertificateOrder::Key kind) {
  Key key(kind == CertificateOrder::Key::ec         ? EVP_EC_gen("P-256")
          : kind == CertificateOrder::Key::rsa_1024 ? EVP_RSA_gen(1024)
                                                    : EVP_RSA_gen(2048),
          &EVP_PKEY_free);
  must(key != nullptr, "key");
  return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  must(extension != nullptr, "extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void add_extension(X509* certificate, const std::string& extension_name, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_nconf(nullptr, nullptr, extension_name.c_str(), value.c_str());
  must(extension != nullptr, "extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void set_dates(X509* certificate, const CertificateOrder& order) {
  const auto now = Clock::now();
  const auto from = order.not_before == Clock::time_point() ? now - std::chrono::hours(24) : order.not_before;
  const auto until = order.not_after == Clock::time_point() ? from + std::chrono::hours(24 * 90) : order.not_after;
  ASN1_TIME_set(X509_getm_notBefore(certificate), Clock::to_time_t(from));
  ASN1_TIME_set(X509_getm_notAfter(certificate), Clock::to_time_t(until));
}

void set_subject(X509* certificate, const CertificateOrder& order) {
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(order.common_name.data()),
                             static_cast<int>(order.common_name.size()), -1, 0);
  std::string names;
  for (const std::string& dns_name : order.dns_names) names += (names.empty() ? "DNS:" : ",DNS:") + dns_name;
  if (!names.empty() && !order.authority) add_extension(certificate, certificate, NID_subject_alt_name, names);
  add_extension(certificate, certificate, NID_basic_constraints, order.authority ? "critical,CA:TRUE" : "CA:FALSE");
  for (const auto& [extension, value] : order.extensions) add_extension(certificate, extension, value);
}
}  // namespace

Identity make_identity(const CertificateOrder& order) {
  const Key key = make_key(order.key);
  const Certificate certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  unsigned char serial[8];
  RAND_bytes(serial, sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()),
                          0x4000000000000000U | (static_cast<std::uint64_t>(serial[0]) << 32 | serial[1] << 16 | serial[2] << 8 | serial[3]));
  X509_set_pubkey(certificate.get(), key.get());
  set_dates(certificate.get(), order);
  set_subject(certificate.get(), order);
  const Identity* issuer = order.issuer;
  Certificate issuer_certificate(nullptr, &X509_free);
  Key issuer_key(nullptr, &EVP_PKEY_free);
  if (issuer) {
    issuer_certificate.reset(PEM_read_bio_X509(reading(issuer->certificate).get(), nullptr, nullptr, nullptr));
    issuer_key.reset(PEM_read_bio_PrivateKey(reading(issuer->key).get(), nullptr, nullptr, nullptr));
    must(issuer_certificate && issuer_key, "issuer");
  }
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer ? issuer_certificate.get() : certificate.get()));
  must(X509_sign(certificate.get(), issuer ? issuer_key.get() : key.get(), EVP_get_digestbyname(order.digest.c_str())) > 0,
       "signature");

  Identity out;
  out.certificate = written([&](BIO* to) { return PEM_write_bio_X509(to, certificate.get()); });
  out.key = written([&](BIO* to) { return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  out.chain = out.certificate;
  const bool below_root = issuer && X509_self_signed(issuer_certificate.get(), 0) != 1;
  if (below_root) out.chain += issuer->chain;
  return out;
}

}  // namespace mailmedic::demo
