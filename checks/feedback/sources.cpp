#include "checks/feedback/sources.hpp"

#include <algorithm>
#include <tuple>

namespace mailmedic::feedback {

namespace {

/// The reports of one kind, each once.
template <typename Report>
std::vector<const Report*> once_each(const std::vector<Document>& documents) {
  std::set<std::pair<std::string, std::string>> seen;
  std::vector<const Report*> out;
  for (const Document& document : documents) {
    const Report* report = std::get_if<Report>(&document.report);
    if (report && (report->id.empty() || seen.insert({report->organization, report->id}).second)) out.push_back(report);
  }
  return out;
}

/// Did the receiver know the mail for what a relay changed on its way? RFC 7489 appendix C, RFC 9990 section 3.1.1.
bool is_relayed(const Row& row) {
  return std::any_of(row.overrides.begin(), row.overrides.end(), [](const Override& one) {
    const bool by_arc = one.type == "local_policy" && one.comment.find("arc=pass") != one.comment.npos;
    return by_arc || one.type == "forwarded" || one.type == "trusted_forwarder" || one.type == "mailing_list";
  });
}

void add(const Aggregate& report, const Row& row, bool is_later, Source& source) {
  source.count += row.count;
  if (row.dkim_aligned) source.dkim_aligned += row.count;
  if (row.spf_aligned) source.spf_aligned += row.count;
  const bool aligned = row.dkim_aligned || row.spf_aligned;
  if (!aligned) source.neither += row.count;
  if (!aligned && is_relayed(row)) source.relayed += row.count;
  (is_later ? source.later_count : source.earlier_count) += row.count;
  if (aligned) (is_later ? source.later_aligned : source.earlier_aligned) += row.count;
  if (!row.disposition.empty()) source.dispositions[row.disposition] += row.count;
  for (const Override& one : row.overrides) source.overrides[one.type] += row.count;
  if (!row.envelope_from.empty()) source.envelope_domains.insert(row.envelope_from);
  for (const AuthResult& one : row.spf)
    if (one.scope != "helo" && !one.domain.empty()) source.envelope_domains.insert(one.domain);
  for (const AuthResult& one : row.dkim)
    if (!one.selector.empty() && !one.domain.empty()) source.keys.insert({one.selector, one.domain});
  if (!report.organization.empty()) source.reporters.insert(report.organization);
  source.first = source.first == 0 ? report.begin : std::min(source.first, report.begin);
  source.last = std::max(source.last, report.end);
}

}  // namespace

std::vector<Source> sources_of(const std::vector<Document>& documents) {
  const auto reports = once_each<Aggregate>(documents);
  std::int64_t first = 0, last = 0;
  for (const Aggregate* report : reports) {
    first = first == 0 ? report->begin : std::min(first, report->begin);
    last = std::max(last, report->end);
  }
  const std::int64_t middle = first / 2 + last / 2;
  std::map<std::pair<std::string, std::string>, Source> by_key;
  for (const Aggregate* report : reports) {
    for (const Row& row : report->rows) {
      const std::string& domain = row.header_from.empty() ? report->policy.domain : row.header_from;
      Source& source = by_key[{row.source, domain}];
      source.address = row.source;
      source.domain = domain;
      add(*report, row, report->begin / 2 + report->end / 2 > middle, source);
    }
  }
  std::vector<Source> out;
  for (auto& [key, source] : by_key) out.push_back(std::move(source));
  std::stable_sort(out.begin(), out.end(), [](const Source& a, const Source& b) { return a.count > b.count; });
  return out;
}

TlsSum tls_of(const std::vector<Document>& documents) {
  TlsSum out;
  std::map<std::tuple<std::string, std::string, std::string, std::string>, TlsProblem> by_key;
  for (const TlsReport* report : once_each<TlsReport>(documents)) {
    for (const TlsPolicy& policy : report->policies) {
      out.successful += policy.successful;
      out.failed += policy.failed;
      std::vector<TlsFailure> failures = policy.failures;
      if (failures.empty() && policy.failed > 0) failures.push_back({.result_type = "no cause given", .count = policy.failed});
      for (const TlsFailure& failure : failures) {
        TlsProblem& problem = by_key[{policy.domain, policy.type, failure.result_type, failure.receiving_host}];
        problem.domain = policy.domain;
        problem.policy_type = policy.type;
        problem.result_type = failure.result_type;
        problem.host = failure.receiving_host;
        problem.count += failure.count;
        problem.reporters.insert(report->organization);
        if (!failure.reason_code.empty()) problem.reasons.insert(failure.reason_code);
        if (!failure.receiving_address.empty()) problem.addresses.insert(failure.receiving_address);
      }
    }
  }
  for (auto& [key, problem] : by_key) out.problems.push_back(std::move(problem));
  std::stable_sort(out.problems.begin(), out.problems.end(), [](const TlsProblem& a, const TlsProblem& b) { return a.count > b.count; });
  return out;
}

}  // namespace mailmedic::feedback
