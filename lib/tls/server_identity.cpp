#include "lib/tls/server_identity.hpp"

#include <openssl/ec.h>
#include <openssl/rand.h>

#include <algorithm>

#include "lib/tls/openssl.hpp"

namespace mailmedic::tls {

namespace {
using Extension = std::unique_ptr<X509_EXTENSION, openssl::Release<&X509_EXTENSION_free>>;

text::ParseError wrong(std::string_view what) {
  const std::string why = openssl::take_error();
  return {0, why.empty() ? std::string(what) : std::string(what) + ": " + why};
}

/// Everything from TLS 1.0 on: what a client can do must be seen, not refused.
std::shared_ptr<SSL_CTX> new_context() {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!context) return context;
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// Only what may stand in a host name: the value goes through OpenSSL's configuration language.
bool is_host(std::string_view host) {
  const auto fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_'; };
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), fits);
}

openssl::X509Ptr certificate_for(const std::string& host, EVP_PKEY* key, std::chrono::system_clock::time_point now) {
  openssl::X509Ptr certificate(X509_new());
  X509* c = certificate.get();
  std::uint64_t serial = 0;
  if (!c || RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return nullptr;
  const auto day = std::chrono::hours(24);
  const std::string common_name = host.substr(0, 64);  // RFC 5280 appendix A: ub-common-name
  X509_NAME* name = X509_get_subject_name(c);
  const bool fine = X509_set_version(c, X509_VERSION_3) == 1 && ASN1_INTEGER_set_uint64(X509_get_serialNumber(c), serial >> 1 | 1) == 1 && X509_set_pubkey(c, key) == 1 &&
                    ASN1_TIME_set(X509_getm_notBefore(c), std::chrono::system_clock::to_time_t(now - day)) && ASN1_TIME_set(X509_getm_notAfter(c), std::chrono::system_clock::to_time_t(now + 90 * day)) &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.data()), static_cast<int>(common_name.size()), -1, 0) == 1 &&
                    X509_set_issuer_name(c, name) == 1 && add_extension(c, NID_subject_alt_name, "DNS:" + host) && add_extension(c, NID_basic_constraints, "CA:FALSE") &&
                    X509_sign(c, key, EVP_sha256()) > 0;
  if (!fine) certificate.reset();
  return certificate;
}
}  // namespace

text::Parsed<ServerIdentity> ServerIdentity::from_pem(std::string_view chain, std::string_view key) {
  ERR_clear_error();
  auto context = new_context();
  if (!context) return wrong("no TLS context");
  const openssl::Bio certificates = openssl::reading(chain), keys = openssl::reading(key);
  const openssl::X509Ptr own(PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr));
  if (!own || SSL_CTX_use_certificate(context.get(), own.get()) != 1) return wrong("no certificate in PEM");
  for (int more = 0; more < 20; ++more) {
    const openssl::X509Ptr issuer(PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr));
    if (!issuer) break;
    if (SSL_CTX_add1_chain_cert(context.get(), issuer.get()) != 1) return wrong("a certificate of the chain");
  }
  ERR_clear_error();
  // A password must not be asked for: nobody sits at the terminal of a server.
  const auto no_password = [](char*, int, int, void*) { return 0; };
  const openssl::PublicKey pair(PEM_read_bio_PrivateKey(keys.get(), nullptr, no_password, nullptr));
  if (!pair) return wrong("no private key in PEM without a password");
  if (SSL_CTX_use_PrivateKey(context.get(), pair.get()) != 1 || SSL_CTX_check_private_key(context.get()) != 1) return wrong("the key does not belong to the certificate");
  return ServerIdentity(std::move(context));
}

text::Parsed<ServerIdentity> ServerIdentity::self_made(const std::string& host, std::chrono::system_clock::time_point now) {
  ERR_clear_error();
  if (!is_host(host)) return text::ParseError{0, "no host name"};
  auto context = new_context();
  const openssl::PublicKey key(EVP_EC_gen("P-256"));
  if (!context || !key) return wrong("no key");
  const openssl::X509Ptr certificate = certificate_for(host, key.get(), now);
  if (!certificate || SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 || SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) return wrong("no certificate");
  return ServerIdentity(std::move(context));
}

}  // namespace mailmedic::tls
