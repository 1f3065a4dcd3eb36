#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::tls {

/// What an X.509 certificate says of itself (RFC 5280); nothing here is verified.
struct Certificate {
  std::string subject;                 ///< distinguished name as RFC 2253 writes it, in UTF-8
  std::string issuer;                  ///< the same
  std::string common_name;             ///< last CN of the subject; no identity since RFC 9525, people still look at it
  std::vector<std::string> dns_names;  ///< subjectAltName dNSName, as they stand: may hold any byte
  std::chrono::system_clock::time_point not_before, not_after;
  std::string key_type;                ///< "RSA", "EC", "ED25519"; the algorithm's OID for an unknown one
  std::string key_group;               ///< for EC the curve, "prime256v1"; else empty
  int key_bits = 0;                    ///< 0 when the key cannot be read
  std::string signature;               ///< "sha256WithRSAEncryption"
  std::string signature_digest;        ///< "SHA256", "SHA1"; empty where the algorithm names none (Ed25519)
  std::string serial;                  ///< hexadecimal, upper case
  std::string sha256;                  ///< fingerprint of the whole certificate, 64 lower case hexadecimal digits
  bool self_signed = false;            ///< issuer and subject are the same and its own key verifies the signature
  bool must_staple = false;            ///< asks for an OCSP staple in each handshake. RFC 7633 section 4.2.3
  bool may_sign = false;               ///< basicConstraints CA. RFC 5280 section 4.2.1.9
  std::string der;                     ///< the whole certificate; TLSA selector 0. RFC 6698 section 2.1.2
  std::string public_key_der;          ///< SubjectPublicKeyInfo; TLSA selector 1
  std::shared_ptr<void> parsed{};      ///< OpenSSL's X509, so that it is read once; null: `der` is read again where it is needed

  /// "-----BEGIN CERTIFICATE-----" and so on, with a line end at the end.
  std::string pem() const;
};

/// From DER. An error when it is no certificate.
text::Parsed<Certificate> parse_certificate(std::string_view der);

/// Every certificate of a PEM text, in order; an error at the first that cannot be read, or when there is none.
text::Parsed<std::vector<Certificate>> parse_certificates_pem(std::string_view pem);

/// Is the certificate one for `host`? RFC 9525 section 6.3: only subjectAltName counts, never the CN; ASCII case
/// is ignored; "*" stands for exactly one label and only as the whole leftmost label. A trailing dot of the
/// host is ignored; an address literal or an empty host matches nothing.
bool names_host(const Certificate& certificate, std::string_view host);

}  // namespace mailmedic::tls
