#pragma once
// Certificates that bind a logo to a domain (verified mark certificates). RFC 3709 logotypes, BIMI.
#include <string>
#include <string_view>
#include <vector>

#include "lib/tls/certificate.hpp"

namespace mailmedic::tls {

/// An image that stands in the certificate itself, as a data: URL (RFC 6170 section 4).
struct EmbeddedLogo {
  std::string media_type;  ///< "image/svg+xml", also where the data are compressed
  std::string bytes;       ///< decoded from base64; gzip data mostly
};

/// What the extensions and the subject say of marks.
struct MarkFacts {
  bool is_for_marks = false;  ///< extended key usage 1.3.6.1.5.5.7.3.31, id-kp-BrandIndicatorforMessageIdentification
  bool is_logged = false;     ///< it holds signed timestamps of Certificate Transparency logs (RFC 6962 section 3.3)
  std::string mark_type;      ///< "Registered Mark", "Prior Use Mark", ...; empty: not said
  std::vector<EmbeddedLogo> logos{};  ///< four at most
};
MarkFacts mark_facts(const Certificate& certificate);

/// Is `certificate` signed with the key of `issuer`, and does it name it as its issuer? Dates and usages aside.
bool is_signed_by(const Certificate& certificate, const Certificate& issuer);

}  // namespace mailmedic::tls
