#pragma once
// OpenSSL behind RAII. For the sources of this folder only: no header of the room includes it.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

namespace mailmedic::tls::openssl {

template <auto release>
struct Release {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};
using Bio = std::unique_ptr<BIO, Release<&BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, Release<&X509_free>>;
using PublicKey = std::unique_ptr<EVP_PKEY, Release<&EVP_PKEY_free>>;
using Context = std::unique_ptr<SSL_CTX, Release<&SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, Release<&SSL_free>>;
using Store = std::unique_ptr<X509_STORE, Release<&X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Release<&X509_STORE_CTX_free>>;
using Features = std::unique_ptr<TLS_FEATURE, Release<&TLS_FEATURE_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Release<&GENERAL_NAMES_free>>;

/// The oldest error of this thread's queue as text, and empties the queue.
inline std::string take_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return {};
  if (const char* reason = ERR_reason_error_string(code)) return reason;
  char buffer[160];
  ERR_error_string_n(code, buffer, sizeof buffer);
  return buffer;
}

inline std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

inline Bio reading(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }
inline Bio writing() { return Bio(BIO_new(BIO_s_mem())); }

inline X509Ptr from_der(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  return X509Ptr(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

inline std::string to_der(X509* certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate, &bytes);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return out;
}

}  // namespace mailmedic::tls::openssl
