#pragma once
// TLS reports: how often TLS to a domain's mail servers came about or failed, by one sender. RFC 8460 section 4.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::feedback {

/// Sessions that failed alike. RFC 8460 section 4.4.
struct TlsFailure {
  std::string result_type, sending_address, receiving_host, receiving_helo, receiving_address, reason_code, information;
  std::uint64_t count = 0;
};

struct TlsPolicy {
  std::string type, domain;           ///< tlsa, sts or no-policy-found
  std::vector<std::string> strings, hosts;
  std::uint64_t successful = 0, failed = 0;
  std::vector<TlsFailure> failures;
};

struct TlsReport {
  std::string organization, contact, id, begin, end;  ///< times as written
  std::vector<TlsPolicy> policies;
};

/// Reads the JSON document; a single object where an array is due is taken as one. An error for what is no JSON,
/// no such report, or larger than 16 MiB.
text::Parsed<TlsReport> parse_tls_report(std::string_view document);

}  // namespace mailmedic::feedback
