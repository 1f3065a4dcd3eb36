#include "checks/feedback/judge.hpp"

#include <fmt/format.h>

#include "lib/text/ascii.hpp"

namespace mailmedic::feedback {

namespace {

/// Sources beyond these stand in the facts alone: a forged domain has thousands.
constexpr std::size_t most_findings = 20;

/// The first few: a hostile report has as many as it likes.
std::string joined(const std::set<std::string>& texts) {
  constexpr std::size_t most = 8;
  std::vector<std::string> first;
  for (const std::string& text : texts) {
    if (first.size() == most) break;
    first.push_back(text.substr(0, 200));
  }
  const std::string more = texts.size() > most ? fmt::format(" and {} more", texts.size() - most) : std::string();
  return text::joined(first, ", ") + more;
}

Evidence evidence_of(const Source& source, const Today* today) {
  std::string how = fmt::format("{} messages, {} aligned by DKIM, {} by SPF, {} by neither", source.count, source.dkim_aligned, source.spf_aligned, source.neither);
  for (const auto& [disposition, count] : source.dispositions) how += fmt::format(", {} {}", disposition, count);
  for (const auto& [type, count] : source.overrides) how += fmt::format(", override {} {}", type, count);
  if (!source.envelope_domains.empty()) how += ", MAIL FROM " + joined(source.envelope_domains);
  if (today && today->policy) how += ", policy today " + (today->policy->empty() ? std::string("not published") : *today->policy);
  if (today && today->names) how += today->names->empty() ? ", no PTR" : ", PTR " + text::joined(*today->names, ", ");
  return {"reports of " + joined(source.reporters), how};
}

void add(CheckReport& report, std::string_view id, const Source& source, const Today* today, Args more = {}) {
  Finding finding{.id = id, .subject = source.domain};
  finding.args = {{"address", source.address}, {"domain", source.domain}, {"count", std::to_string(source.count)}, {"neither", std::to_string(source.neither - source.relayed)}};
  finding.args.insert(finding.args.end(), more.begin(), more.end());
  finding.evidence = {evidence_of(source, today)};
  report.findings.push_back(std::move(finding));
}

void judge_source(const Source& source, const Today* today, CheckReport& report) {
  if (source.neither > source.relayed) add(report, "feedback.unauthenticated-source", source, today);
  const bool got_worse = source.earlier_count >= 5 && source.later_count >= 5 && source.earlier_aligned * 10 >= source.earlier_count * 9 && source.later_aligned * 2 <= source.later_count;
  if (got_worse) add(report, "feedback.got-worse", source, today, {{"before", fmt::format("{} of {}", source.earlier_aligned, source.earlier_count)}, {"after", fmt::format("{} of {}", source.later_aligned, source.later_count)}});
  if (!today) return;
  const bool spf_passed = source.spf_aligned * 2 > source.count, spf_failed = source.spf_aligned == 0;
  if (spf_failed && today->spf_aligned == true) add(report, "feedback.spf-mended", source, today, {{"envelope", today->spf_domain}});
  if (spf_passed && today->spf_aligned == false) add(report, "feedback.spf-broken-since", source, today, {{"envelope", today->spf_domain}, {"result", today->spf}});
  if (today->keys_missing && *today->keys_missing == source.keys.size() && source.dkim_aligned > 0 && !source.keys.empty())
    add(report, "feedback.keys-gone", source, today, {{"selector", source.keys.begin()->first}});
}

void could_not_ask(const Source& source, const Today& today, CheckReport& report) {
  Finding unknown{.id = "feedback.not-asked", .subject = source.domain};
  unknown.args = {{"address", source.address}, {"domain", source.domain}};
  unknown.evidence = {{"DNS", "no definite answer: " + joined({today.unanswered.begin(), today.unanswered.end()})}};
  report.could_not_tell(std::move(unknown));
}

std::string_view id_of(std::string_view result_type) {
  static constexpr std::pair<std::string_view, std::string_view> ids[] = {
      {"starttls-not-supported", "feedback.tls-starttls-not-supported"}, {"certificate-host-mismatch", "feedback.tls-certificate-host-mismatch"},
      {"certificate-expired", "feedback.tls-certificate-expired"}, {"certificate-not-trusted", "feedback.tls-certificate-not-trusted"},
      {"validation-failure", "feedback.tls-validation-failure"}, {"tlsa-invalid", "feedback.tls-tlsa-invalid"}, {"dnssec-invalid", "feedback.tls-dnssec-invalid"},
      {"dane-required", "feedback.tls-dane-required"}, {"sts-policy-fetch-error", "feedback.tls-sts-policy-fetch-error"},
      {"sts-policy-invalid", "feedback.tls-sts-policy-invalid"}, {"sts-webpki-invalid", "feedback.tls-sts-webpki-invalid"}};
  for (const auto& [type, id] : ids)
    if (type == result_type) return id;
  return "feedback.tls-other";
}

void judge_tls(const TlsSum& tls, CheckReport& report) {
  for (const TlsProblem& problem : tls.problems) {
    if (problem.count == 0) continue;
    Finding finding{.id = id_of(problem.result_type), .subject = problem.domain};
    finding.args = {{"host", problem.host.empty() ? problem.domain : problem.host}, {"count", std::to_string(problem.count)}, {"type", problem.result_type}, {"domain", problem.domain}};
    std::string how = fmt::format("{} sessions: {} ({})", problem.count, problem.result_type, problem.policy_type);
    if (!problem.reasons.empty()) how += ", " + joined(problem.reasons);
    if (!problem.addresses.empty()) how += ", at " + joined(problem.addresses);
    finding.evidence = {{"TLS reports of " + joined(problem.reporters), how}};
    report.findings.push_back(std::move(finding));
    if (report.findings.size() > 4 * most_findings) return;
  }
}

/// Each, or all of one cause together where they are many: a mailbox may hold thousands of other messages.
void judge_unreadable(const std::vector<Unreadable>& all, CheckReport& report) {
  constexpr std::size_t most_alone = 10;
  std::map<std::string_view, std::vector<const Unreadable*>> by_cause;
  for (const Unreadable& one : all) by_cause[one.why].push_back(&one);
  for (const Unreadable& one : all) {
    const auto& alike = by_cause[one.why];
    const bool many = alike.size() > most_alone;
    if (many && alike.front() != &one) continue;
    Finding unknown{.id = "feedback.unreadable", .subject = one.name};
    unknown.args = {{"file", many ? fmt::format("{} and {} others", one.name, alike.size() - 1) : one.name}, {"why", one.why}};
    for (std::size_t i = 0; i < std::min(many ? alike.size() : 1, most_alone); ++i) {
      const Unreadable& shown = many ? *alike[i] : one;
      unknown.evidence.push_back({shown.name, shown.why});
    }
    report.could_not_tell(std::move(unknown));
  }
}

}  // namespace

Picture picture_of(Documents documents) {
  Picture out;
  out.sources = sources_of(documents.reports);
  out.tls = tls_of(documents.reports);
  out.documents = std::move(documents);
  return out;
}

void judge(const Picture& picture, CheckReport& report) {
  for (std::size_t i = 0; i < picture.sources.size() && i < most_findings; ++i) {
    const Today* today = i < picture.today.size() ? &picture.today[i] : nullptr;
    judge_source(picture.sources[i], today, report);
    if (today && !today->unanswered.empty()) could_not_ask(picture.sources[i], *today, report);
  }
  judge_tls(picture.tls, report);
  judge_unreadable(picture.documents.unreadable, report);
}

}  // namespace mailmedic::feedback
