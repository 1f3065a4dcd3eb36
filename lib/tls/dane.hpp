#pragma once
// TLSA records against a chain, by OpenSSL's DANE. RFC 6698, 7671, 7672.
#include <chrono>
#include <string>
#include <vector>

#include "lib/tls/certificate.hpp"

namespace mailmedic::tls {

/// One TLSA record as it was published.
struct TlsaData {
  unsigned usage = 0, selector = 0, matching = 0;
  std::string data;  ///< bytes
};

/// Why a record is no use to an SMTP client; empty when it can be used. Fields out of range and digests of a wrong
/// length (RFC 6698 section 2.1), usages 0 and 1 (RFC 7672 section 3.1.3), data that is no certificate or key.
std::string trouble_of(const TlsaData& record);

struct DaneVerdict {
  bool matches = false;      ///< the chain passes by one of the records
  int matched_usage = -1;    ///< of that record
  int depth = 0;             ///< of the certificate that matched, 0 is the server's own
  std::string why;           ///< OpenSSL's words when it does not pass
};

/// Does the chain, as the server sent it, pass by the usable records? For usage 2 the certificate must name one of `names`:
/// the TLSA base domain, the mail host, the domain of the recipients (RFC 7672 section 3.2.2). For usage 3 names and dates
/// do not count (RFC 7672 section 3.1.1).
DaneVerdict verify_dane(const std::vector<Certificate>& chain, const std::vector<TlsaData>& records, const std::vector<std::string>& names,
                        std::chrono::system_clock::time_point now);

}  // namespace mailmedic::tls
