#include "reports/json.hpp"

#include <fmt/chrono.h>

#include <boost/json/serialize.hpp>

#include "lib/text/shown.hpp"

namespace mailmedic::reports {

namespace json = boost::json;

std::string iso_time(TimePoint time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

namespace {

json::object finding_to_json(const Judged& judged, std::string_view caused_by, const json::storage_ptr& memory) {
  const Finding& finding = *judged.finding;
  json::object out(memory);
  out.reserve(13);
  out["id"] = finding.id;
  if (judged.severity) out["severity"] = severity_word(*judged.severity);
  out["check"] = judged.check;
  out["subject"] = finding.subject;
  out["summary"] = judged.title;
  if (!judged.why.empty()) out["why"] = judged.why;
  if (!judged.fix.empty()) out["fix"] = judged.fix;
  if (!judged.publish.empty()) out["publish"] = judged.publish;
  if (!caused_by.empty()) out["caused_by"] = caused_by;
  if (judged.acceptance)
    out["accepted"] = json::object({{"reason", judged.acceptance->reason}, {"until", day_text(judged.acceptance->until)}}, memory);
  json::object args(memory);
  for (const auto& [name, value] : finding.args) args[name] = value;
  out["args"] = std::move(args);
  json::array evidence(memory);
  for (const Evidence& seen : finding.evidence) evidence.push_back(json::object({{"source", seen.source}, {"text", seen.text}}, memory));
  out["evidence"] = std::move(evidence);
  json::array references(memory);
  for (const std::string& reference : judged.references) references.push_back(json::value(reference, memory));
  out["references"] = std::move(references);
  return out;
}

void collect(const std::vector<Judged>& all, std::string_view cause, json::array& findings, json::array& unknowns) {
  const json::storage_ptr memory = findings.storage();
  for (const Judged& judged : all) {
    (judged.severity ? findings : unknowns).push_back(finding_to_json(judged, cause, memory));
    collect(judged.consequences, judged.finding->id, findings, unknowns);
  }
}

std::string_view outcome_word(Outcome outcome) {
  switch (outcome) {
    case Outcome::ran: return "ran";
    case Outcome::inconclusive: return "inconclusive";
    case Outcome::not_applicable: return "not-applicable";
  }
  return "inconclusive";
}

}  // namespace

void make_valid_utf8(json::value& value) {
  if (auto* string = value.if_string()) {
    if (!text::is_utf8({string->data(), string->size()})) *string = text::shown({string->data(), string->size()}, string->size());
  } else if (auto* array = value.if_array()) {
    for (json::value& item : *array) make_valid_utf8(item);
  } else if (auto* object = value.if_object()) {
    for (auto& item : *object) make_valid_utf8(item.value());
  }
}

namespace {

/// With the bytes of its strings as they are.
json::value document(Report& report, const Judgement& judgement) {
  json::object facts = std::move(report.facts);
  const json::storage_ptr memory = facts.storage();
  json::object out(memory);
  out.reserve(12);
  out["tool"] = report.tool;
  out["version"] = report.version;
  out["target"] = report.target;
  out["started"] = iso_time(report.started);
  out["duration_ms"] = report.duration.count();
  out["status"] = status_word(judgement.status);
  json::array checks(memory);
  for (const CheckReport& check : report.checks) {
    if (!check.facts.empty()) facts[check.check] = check.facts;
    json::object row({{"id", check.check}, {"outcome", outcome_word(check.outcome)}}, memory);
    if (!check.reason.empty()) row["reason"] = check.reason;
    checks.push_back(std::move(row));
  }
  if (!checks.empty()) out["checks"] = std::move(checks);
  out["facts"] = std::move(facts);
  json::array findings(memory), unknowns(memory);
  collect(judgement.findings, {}, findings, unknowns);
  out["findings"] = std::move(findings);
  out["unknowns"] = std::move(unknowns);
  if (report.accepted) {
    json::array accepted(memory);
    for (const Judged& judged : judgement.accepted) accepted.push_back(finding_to_json(judged, {}, memory));
    out["accepted"] = std::move(accepted);
  }
  return out;
}

}  // namespace

json::object to_json(Report& report, const Judgement& judgement) {
  json::value out = document(report, judgement);
  make_valid_utf8(out);
  return std::move(out.as_object());
}

std::string to_json_line(Report& report, const Judgement& judgement) {
  json::value out = document(report, judgement);
  std::string line = json::serialize(out);
  // Mostly all is UTF-8: to look at the whole takes less than to look at each string.
  if (!text::is_utf8(line)) {
    make_valid_utf8(out);
    line = json::serialize(out);
  }
  return line += '\n';
}

}  // namespace mailmedic::reports
