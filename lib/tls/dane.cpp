#include "lib/tls/dane.hpp"

#include <fmt/format.h>

#include "lib/tls/openssl_certificate.hpp"

namespace mailmedic::tls {

namespace {

/// Is it a certificate, or a SubjectPublicKeyInfo, in DER, and nothing after it?
bool is_whole(std::string_view der, bool is_key) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* end = at + der.size();
  const bool read = is_key ? openssl::PublicKey(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()))) != nullptr
                           : openssl::X509Ptr(d2i_X509(nullptr, &at, static_cast<long>(der.size()))) != nullptr;
  ERR_clear_error();
  return read && at == end;
}

}  // namespace

std::string trouble_of(const TlsaData& record) {
  if (record.usage > 3) return fmt::format("usage {} does not exist", record.usage);
  if (record.usage < 2) return fmt::format("usage {} is not for mail: senders do not use it", record.usage);
  if (record.selector > 1) return fmt::format("selector {} does not exist", record.selector);
  if (record.matching > 2) return fmt::format("matching type {} does not exist", record.matching);
  if (record.matching == 1 && record.data.size() != 32) return fmt::format("a SHA-256 digest has 32 bytes, this one has {}", record.data.size());
  if (record.matching == 2 && record.data.size() != 64) return fmt::format("a SHA-512 digest has 64 bytes, this one has {}", record.data.size());
  if (record.matching == 0 && record.selector == 0 && !is_whole(record.data, false)) return "its data is no certificate";
  if (record.matching == 0 && record.selector == 1 && !is_whole(record.data, true)) return "its data is no public key";
  return {};
}

namespace {

openssl::Context with_dane() {
  openssl::Context context(SSL_CTX_new(TLS_client_method()));
  if (context && SSL_CTX_dane_enable(context.get()) <= 0) context.reset();
  return context;
}

/// An SSL object that holds the records; it never speaks.
openssl::Ssl with_records(SSL_CTX* context, const std::vector<TlsaData>& records) {
  openssl::Ssl ssl(SSL_new(context));
  if (!ssl || SSL_dane_enable(ssl.get(), nullptr) <= 0) return nullptr;
  SSL_dane_set_flags(ssl.get(), DANE_FLAG_NO_DANE_EE_NAMECHECKS);  // RFC 7672 section 3.1.1
  bool any = false;
  for (const TlsaData& record : records) {
    if (!trouble_of(record).empty()) continue;
    const auto* bytes = reinterpret_cast<const unsigned char*>(record.data.data());
    any = SSL_dane_tlsa_add(ssl.get(), static_cast<std::uint8_t>(record.usage), static_cast<std::uint8_t>(record.selector), static_cast<std::uint8_t>(record.matching), bytes,
                            record.data.size()) > 0 || any;
  }
  ERR_clear_error();
  return any ? std::move(ssl) : nullptr;
}

}  // namespace

DaneVerdict verify_dane(const std::vector<Certificate>& chain, const std::vector<TlsaData>& records, const std::vector<std::string>& names,
                        std::chrono::system_clock::time_point now) {
  DaneVerdict out;
  static const openssl::Context context = with_dane();
  if (!context) return {.why = "OpenSSL cannot verify DANE here"};
  const openssl::Ssl ssl = with_records(context.get(), records);
  if (!ssl) return {.why = "no record can be used"};
  const auto sent = openssl::native(chain);
  const openssl::StoreContext store(X509_STORE_CTX_new());
  const openssl::Store empty(X509_STORE_new());
  if (sk_X509_num(sent.get()) == 0 || X509_STORE_CTX_init(store.get(), empty.get(), sk_X509_value(sent.get(), 0), sent.get()) != 1)
    return {.why = "no certificate was sent"};
  X509_STORE_CTX_set_default(store.get(), "ssl_server");
  X509_STORE_CTX_set0_dane(store.get(), SSL_get0_dane(ssl.get()));
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(store.get());
  for (const std::string& name : names) X509_VERIFY_PARAM_add1_host(parameters, name.c_str(), name.size());
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  X509_VERIFY_PARAM_set_time(parameters, std::chrono::system_clock::to_time_t(now));
  out.matches = X509_verify_cert(store.get()) == 1;
  if (out.matches) {
    std::uint8_t usage = 0, selector = 0, matching = 0;
    out.depth = SSL_get0_dane_tlsa(ssl.get(), &usage, &selector, &matching, nullptr, nullptr);
    out.matched_usage = usage;
  } else {
    out.why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store.get()));
  }
  ERR_clear_error();
  return out;
}

}  // namespace mailmedic::tls
