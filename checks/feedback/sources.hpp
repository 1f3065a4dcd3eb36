#pragma once
// Who sent in a domain's name, by all reports together. Pure.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lib/feedback/documents.hpp"

namespace mailmedic::feedback {

/// One sending address under one author domain.
struct Source {
  std::string address, domain;
  std::uint64_t count = 0, dkim_aligned = 0, spf_aligned = 0, neither = 0;  ///< messages
  std::uint64_t relayed = 0;                                ///< of `neither`: those that the receiver took for forwarded or a list's
  std::map<std::string, std::uint64_t> dispositions, overrides;
  std::set<std::string> envelope_domains;                   ///< MAIL FROM domains, as far as the reports name them
  std::set<std::pair<std::string, std::string>> keys;       ///< selector and domain of signatures
  std::set<std::string> reporters;
  std::int64_t first = 0, last = 0;                         ///< begin and end of the reports that name it
  std::uint64_t earlier_count = 0, earlier_aligned = 0, later_count = 0, later_aligned = 0;  ///< in each half of the time of all reports
  std::uint64_t aligned() const { return count - neither; }
};

/// All rows, by address and author domain; those with the most messages first. A report that comes twice (same
/// reporter and id) counts once.
std::vector<Source> sources_of(const std::vector<Document>& documents);

/// Failed TLS sessions of one kind at one server.
struct TlsProblem {
  std::string domain, policy_type, result_type, host;
  std::uint64_t count = 0;
  std::set<std::string> reporters, reasons, addresses;
};
struct TlsSum {
  std::uint64_t successful = 0, failed = 0;
  std::vector<TlsProblem> problems;  ///< the most sessions first
};
TlsSum tls_of(const std::vector<Document>& documents);

}  // namespace mailmedic::feedback
