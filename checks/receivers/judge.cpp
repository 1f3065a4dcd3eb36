#include "checks/receivers/judge.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

#include "checks/receivers/measure.hpp"

namespace mailmedic::receivers {

namespace json = boost::json;

namespace {

/// The finding that says that a requirement is not met, by how it is measured.
std::string_view finding_of(std::string_view measure) {
  static constexpr std::pair<std::string_view, std::string_view> table[] = {
      {"spf", "receivers.spf"},
      {"dkim", "receivers.dkim"},
      {"spf-or-dkim", "receivers.authentication"},
      {"dmarc", "receivers.dmarc"},
      {"reverse-name", "receivers.reverse-name"},
      {"reverse-name-not-generic", "receivers.reverse-name-style"},
      {"reverse-name-of-own-domain", "receivers.reverse-name-style"},
      {"existence", "receivers.existence"},
      {"replies", "receivers.replies"},
      {"not-listed", "receivers.listed"},
      {"not-on-spamhaus", "receivers.listed"},
  };
  for (const auto& [name, id] : table)
    if (name == measure) return id;
  return {};
}

json::object row_of(const Rule& rule, const Rules::Provider& provider, const Measured& measured) {
  json::array evidence;
  for (const Evidence& seen : measured.evidence) evidence.push_back(json::object{{"source", seen.source}, {"text", seen.text}});
  return {{"provider", rule.provider}, {"name", provider.name}, {"name_zh", provider.name_zh}, {"id", rule.spec}, {"who", rule.bulk_only ? "bulk" : "all"}, {"level", rule.is_advice ? "advised" : "required"},
          {"requirement", rule.en}, {"requirement_zh", rule.zh}, {"result", result_word(measured.result)}, {"why", measured.why},
          {"evidence", std::move(evidence)}, {"since", rule.since}, {"source", rule.source}, {"read", rule.read}};
}

}  // namespace

CheckReport judge(const Rules& rules, const Profile& profile, const dns::Name& domain, std::span<const CheckReport> reports) {
  CheckReport report{.check = "receivers"};
  json::array rows;
  for (const std::string& id : profile.providers) {
    const Rules::Provider* provider = rules.find(id);
    if (!provider) continue;
    for (const Rule& rule : rules.rules) {
      if (rule.provider != id || (rule.bulk_only && !profile.bulk)) continue;
      const Measured measured = measure(rule.measure, reports);
      rows.push_back(row_of(rule, *provider, measured));
      const std::string_view finding_id = finding_of(rule.measure);
      if (measured.result != Result::fail || finding_id.empty()) continue;
      Finding finding{.id = finding_id, .subject = measured.subject.empty() ? domain.text() : measured.subject};
      if (rule.is_advice) finding.severity = Severity::info;
      finding.args = {{"provider", provider->name}, {"domain", domain.text()}, {"why", measured.why}, {"source", rule.source}, {"read", rule.read}};
      finding.evidence = measured.evidence;
      report.findings.push_back(std::move(finding));
    }
  }
  report.facts["bulk"] = profile.bulk;
  report.facts["rules"] = std::move(rows);
  return report;
}

}  // namespace mailmedic::receivers
