#pragma once
// What the sources of this folder share of OpenSSL; no other folder includes it.
#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "lib/dkim/key.hpp"
#include "lib/dkim/private_key.hpp"

namespace mailmedic::dkim {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using OpensslKey = std::unique_ptr<EVP_PKEY, FreeKey>;

/// The public half as SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7); empty when OpenSSL cannot write it.
std::string public_der(EVP_PKEY* key);
/// SHA-256 of public_der() in hexadecimal; empty when there is none.
std::string fingerprint_of(EVP_PKEY* key);

/// The key in p= (base64) of the type in k=, and in `about` what inspect_key() says of it; null with a fault.
OpensslKey opened_key(std::string_view base64, std::string_view key_type, Key& about);
/// The private key in a file, as read_private_key() reads it; `about` is filled in.
text::Parsed<OpensslKey> opened_private_key(const std::string& file, PrivateKey& about);

}  // namespace mailmedic::dkim
