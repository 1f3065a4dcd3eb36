#pragma once
// DMARC aggregate reports: who sent in a domain's name, and what a receiver made of it. RFC 7489 appendix C, RFC 9990.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::feedback {

/// What one mechanism found. Words are in lower case; empty where the report says nothing.
struct AuthResult {
  std::string domain, result;
  std::string selector;  ///< of DKIM
  std::string scope;     ///< of SPF: mfrom or helo
};

struct Override {
  std::string type, comment;
};

/// Messages of one source that were treated alike.
struct Row {
  std::string source;            ///< address, as written
  std::uint64_t count = 0;
  std::string disposition;       ///< none, pass (RFC 9990), quarantine, reject
  bool dkim_aligned = false, spf_aligned = false;
  std::vector<Override> overrides;
  std::string header_from, envelope_from, envelope_to;
  std::vector<AuthResult> dkim, spf;
};

struct Policy {
  std::string domain, p, sp, np, adkim, aspf, pct, testing, discovery_method, fo;
};

struct Aggregate {
  bool is_9990 = false;          ///< else the schema of RFC 7489
  std::string organization, email, contact, id, generator;
  std::int64_t begin = 0, end = 0;  ///< seconds since 1970
  Policy policy;
  std::vector<Row> rows;
  std::vector<std::string> errors;  ///< that the receiver met
};

/// Reads the XML document. Namespaces and prefixes are taken as they come, unknown elements are passed over, and case
/// does not count in words. An error for what is no XML, holds a document type declaration (and so entities), or has no
/// report in it.
text::Parsed<Aggregate> parse_aggregate(std::string_view document);

}  // namespace mailmedic::feedback
