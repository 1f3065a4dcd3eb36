#pragma once
#include <chrono>
#include <string>
#include <vector>

namespace mailmedic::demo {

/// A certificate with its private key.
struct Identity {
  std::string certificate;  ///< PEM, the certificate alone
  std::string key;          ///< PEM, not encrypted
  std::string chain;        ///< PEM, what a server sends: the certificate, then those of its issuers below the root

  /// As a server would send it that forgot everything but its own certificate.
  Identity alone() const { return {certificate, key, certificate}; }
};

struct CertificateOrder {
  std::string common_name = "mx.example.org";
  std::vector<std::string> dns_names{"mx.example.org"};  ///< subjectAltName; none when empty
  std::chrono::system_clock::time_point not_before, not_after;  ///< unset: from a day ago for 90 days
  enum class Key { ec, rsa_1024, rsa_2048 } key = Key::ec;
  std::string digest = "SHA256";
  bool authority = false;
  /// Further extensions, by name or OID, their values as OpenSSL's configuration has them: {"extendedKeyUsage",
  /// "serverAuth"}, {"1.3.6.1.5.5.7.1.12", "DER:30..."}.
  std::vector<std::pair<std::string, std::string>> extensions{};
  const Identity* issuer = nullptr;  ///< null: signs itself
};

/// Makes it on the fly. Throws std::runtime_error when OpenSSL will not.
Identity make_identity(const CertificateOrder& order);

}  // namespace mailmedic::demo
