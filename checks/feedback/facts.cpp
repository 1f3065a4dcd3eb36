#include "checks/feedback/judge.hpp"
#include "lib/text/iso_time.hpp"

namespace mailmedic::feedback {

namespace json = boost::json;

namespace {

/// The first hundred: a hostile report has as many as it likes.
json::array array_of(const std::set<std::string>& texts) {
  constexpr std::size_t most = 100;
  json::array out;
  for (const std::string& text : texts) {
    if (out.size() == most) break;
    out.emplace_back(text);
  }
  return out;
}

std::string iso(std::int64_t seconds) {
  constexpr std::int64_t year_9999 = 253'402'300'799;
  return seconds < 0 || seconds > year_9999 ? std::string() : text::iso_time(std::chrono::system_clock::from_time_t(seconds));
}

json::object report_of(const Aggregate& report, const std::string& name) {
  std::uint64_t messages = 0;
  for (const Row& row : report.rows) messages += row.count;
  const Policy& policy = report.policy;
  return {{"name", name}, {"kind", "dmarc"}, {"schema", report.is_9990 ? "RFC 9990" : "RFC 7489"}, {"organization", report.organization}, {"id", report.id},
          {"first", iso(report.begin)}, {"last", iso(report.end)}, {"rows", report.rows.size()}, {"messages", messages},
          {"policy", json::object{{"domain", policy.domain}, {"p", policy.p}, {"sp", policy.sp}, {"np", policy.np}, {"adkim", policy.adkim}, {"aspf", policy.aspf}, {"pct", policy.pct},
                                  {"testing", policy.testing}, {"discovery_method", policy.discovery_method}}},
          {"errors", json::array(report.errors.begin(), report.errors.end())}};
}

json::object report_of(const TlsReport& report, const std::string& name) {
  std::uint64_t successful = 0, failed = 0;
  for (const TlsPolicy& policy : report.policies) successful += policy.successful, failed += policy.failed;
  return {{"name", name}, {"kind", "tls"}, {"schema", "RFC 8460"}, {"organization", report.organization}, {"id", report.id}, {"first", report.begin}, {"last", report.end},
          {"successful", successful}, {"failed", failed}};
}

json::object source_of(const Source& source, const Today* today) {
  json::object dispositions, overrides;
  for (const auto& [word, count] : source.dispositions) dispositions[word] = count;
  for (const auto& [word, count] : source.overrides) overrides[word] = count;
  json::array keys;
  for (const auto& [selector, domain] : source.keys)
    if (keys.size() < 100) keys.push_back({{"selector", selector}, {"domain", domain}});
  json::object out{{"address", source.address}, {"domain", source.domain}, {"count", source.count}, {"dkim_aligned", source.dkim_aligned}, {"spf_aligned", source.spf_aligned},
                   {"neither", source.neither}, {"relayed", source.relayed}, {"dispositions", dispositions}, {"overrides", overrides}, {"envelope_domains", array_of(source.envelope_domains)}, {"keys", keys},
                   {"reporters", array_of(source.reporters)}, {"first", iso(source.first)}, {"last", iso(source.last)},
                   {"change", json::object{{"earlier", source.earlier_count}, {"earlier_aligned", source.earlier_aligned}, {"later", source.later_count}, {"later_aligned", source.later_aligned}}}};
  if (!today) return out;
  json::object now{{"spf", today->spf}, {"spf_domain", today->spf_domain}};
  now["names"] = today->names ? json::value(json::array(today->names->begin(), today->names->end())) : json::value(nullptr);
  now["spf_aligned"] = today->spf_aligned ? json::value(*today->spf_aligned) : json::value(nullptr);
  now["policy"] = today->policy ? json::value(*today->policy) : json::value(nullptr);
  now["unanswered"] = json::array(today->unanswered.begin(), today->unanswered.end());
  now["keys_missing"] = today->keys_missing ? json::value(*today->keys_missing) : json::value(nullptr);
  out["today"] = std::move(now);
  return out;
}

json::object tls_of(const TlsSum& tls) {
  json::array problems;
  for (const TlsProblem& problem : tls.problems)
    problems.push_back({{"domain", problem.domain}, {"policy", problem.policy_type}, {"type", problem.result_type}, {"host", problem.host}, {"count", problem.count},
                        {"reporters", array_of(problem.reporters)}, {"reasons", array_of(problem.reasons)}, {"addresses", array_of(problem.addresses)}});
  return {{"successful", tls.successful}, {"failed", tls.failed}, {"problems", std::move(problems)}};
}

}  // namespace

json::object facts_of(const Picture& picture, std::size_t top) {
  json::array reports, sources, unreadable;
  for (const Document& document : picture.documents.reports)
    reports.push_back(std::visit([&](const auto& report) { return report_of(report, document.name); }, document.report));
  for (std::size_t i = 0; i < picture.sources.size() && i < top; ++i)
    sources.push_back(source_of(picture.sources[i], i < picture.today.size() ? &picture.today[i] : nullptr));
  for (const Unreadable& one : picture.documents.unreadable) unreadable.push_back({{"name", one.name}, {"why", one.why}});
  std::uint64_t messages = 0, aligned = 0;
  for (const Source& source : picture.sources) messages += source.count, aligned += source.aligned();
  return {{"totals", json::object{{"messages", messages}, {"aligned", aligned}, {"sources", picture.sources.size()}, {"reports", picture.documents.reports.size()}, {"unreadable", picture.documents.unreadable.size()}}}, {"reports", std::move(reports)}, {"sources", std::move(sources)},
          {"tls", tls_of(picture.tls)}, {"unreadable", std::move(unreadable)}};
}

}  // namespace mailmedic::feedback
