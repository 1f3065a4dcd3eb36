#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/dkim/key.hpp"

namespace mailmedic::dkim {

/// A public key that is ready to verify: decoded once, used for many messages. For one thread.
class VerifyKey {
 public:
  /// From p= (base64 without white space) and k=. What is wrong with it stands in about(); then it verifies nothing.
  VerifyKey(std::string_view base64, std::string_view key_type);
  ~VerifyKey();
  VerifyKey(const VerifyKey&) = delete;
  VerifyKey& operator=(const VerifyKey&) = delete;

  const Key& about() const { return about_; }
  bool is_rsa() const;
  /// Bytes that a signature by this key has; 0 for a key that is none.
  std::size_t signature_size() const;

  /// Is `signature` this key's over `hash` (SHA-256)? RFC 6376 section 6.1.3, RFC 8463 section 3.
  bool verifies(std::string_view hash, std::string_view signature);

  /// The SHA-256 hash that was signed, out of an RSA signature (RFC 8017 section 8.2.2): what the signer saw. Nothing
  /// when another key made the signature, or it was damaged, or for an Ed25519 key.
  std::optional<std::string> signed_hash(std::string_view signature);

 private:
  Key about_;
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mailmedic::dkim
