#pragma once
// What the sources of this folder share of OpenSSL; no other folder includes it.
#include <openssl/evp.h>

#include <memory>
#include <string>

namespace mailmedic::dkim {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using OpensslKey = std::unique_ptr<EVP_PKEY, FreeKey>;

/// The public half as SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7); empty when OpenSSL cannot write it.
std::string public_der(EVP_PKEY* key);
/// SHA-256 of public_der() in hexadecimal; empty when there is none.
std::string fingerprint_of(EVP_PKEY* key);

}  // namespace mailmedic::dkim
