#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "lib/dkim/private_key.hpp"

namespace mailmedic::dkim {

/// A private key that is ready to sign: decoded once, used for many messages. For one thread.
class SigningKey {
 public:
  /// As read_private_key() reads a file; an RSA key under 1024 bits is refused too (RFC 8301 section 3.2).
  static text::Parsed<SigningKey> read(const std::string& file);
  ~SigningKey();
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;

  const PrivateKey& about() const { return about_; }
  /// "rsa-sha256" or "ed25519-sha256".
  std::string_view algorithm() const;
  /// Over a SHA-256 hash. RFC 6376 section 3.3.1, RFC 8463 section 3. Empty when OpenSSL refuses.
  std::string sign(std::string_view hash);

 private:
  SigningKey();
  PrivateKey about_;
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Sizes of RSA keys that are made. RFC 8301 section 3.2.
inline constexpr int least_rsa_bits = 1024, usual_rsa_bits = 2048, most_rsa_bits = 4096;

/// Makes a new key ("rsa" with `bits`, or "ed25519") and writes it in PEM (PKCS#8) to a new file that its owner alone may
/// read (mode 0600). A file that exists is never overwritten. The error names the file.
text::Parsed<PrivateKey> create_private_key(const std::string& file, const std::string& key_type, int bits);

}  // namespace mailmedic::dkim
