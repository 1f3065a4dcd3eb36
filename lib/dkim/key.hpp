#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailmedic::dkim {

/// What keeps published key data from being a key.
enum class KeyFault {
  none,
  not_base64,
  truncated,         ///< the DER inside announces more bytes than there are
  not_a_key,         ///< neither a SubjectPublicKeyInfo nor a bare PKCS#1 key
  wrong_type,        ///< a key of another type than k= says
  ed25519_wrapped,   ///< Ed25519 as SubjectPublicKeyInfo; RFC 8463 section 4.2 wants the 32 bytes alone
};

struct Key {
  KeyFault fault = KeyFault::none;
  std::string why;                         ///< for a fault, in English
  int bits = 0;                            ///< of the RSA modulus; 256 for Ed25519; 0 where unknown
  std::optional<std::uint64_t> exponent;   ///< RSA; nothing for one over 64 bits
  std::string fingerprint;                 ///< the same key has the same one in every form; empty with a fault
  bool bare_pkcs1 = false;                 ///< RSAPublicKey without the wrapping, as RFC 6376 section 3.6.1 says it
};

/// Takes apart the value of p= (base64 without white space) of a key of type "rsa" or "ed25519".
Key inspect_key(std::string_view base64, std::string_view key_type);

}  // namespace mailmedic::dkim
