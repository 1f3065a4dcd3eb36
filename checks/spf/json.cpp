// Evaluations and their traces as JSON, for the facts of the check and for the tool.
#include <boost/json/array.hpp>

#include "checks/spf/evaluate.hpp"

namespace mailmedic::spf {

namespace json = boost::json;

namespace {

std::string_view outcome_text(StepOutcome outcome) {
  constexpr std::string_view words[] = {"match", "no match", "error", "not evaluated"};
  return words[static_cast<std::size_t>(outcome)];
}

json::object step_json(const Step& step) {
  json::object out{{"term", step.term}, {"outcome", outcome_text(step.outcome)}};
  if (!step.target.empty()) out["target"] = step.target;
  if (step.lookups > 0) out["lookups"] = step.lookups;
  if (step.void_lookups > 0) out["void_lookups"] = step.void_lookups;
  if (!step.names.empty()) out["names"] = json::array(step.names.begin(), step.names.end());
  if (!step.addresses.empty()) {
    json::array addresses;
    for (const net::Address& address : step.addresses) addresses.emplace_back(address.to_string());
    out["addresses"] = std::move(addresses);
  }
  if (!step.why.empty()) out["why"] = step.why;
  if (step.child) out["trace"] = to_json(*step.child);
  return out;
}

}  // namespace

json::object to_json(const Trace& trace) {
  json::object out{{"domain", trace.domain}, {"record", trace.record}, {"result", result_text(trace.result)}};
  if (!trace.why.empty()) out["why"] = trace.why;
  json::array terms;
  for (const Step& step : trace.steps) terms.push_back(step_json(step));
  out["terms"] = std::move(terms);
  return out;
}

json::object to_json(const Evaluation& evaluation) {
  json::array voids;
  for (const VoidLookup& lookup : evaluation.void_lookups)
    voids.push_back(json::object{{"name", lookup.name}, {"type", dns::type_text(lookup.type)}, {"term", lookup.term}, {"domain", lookup.domain}});
  json::object out{{"result", result_text(evaluation.result)}, {"domain", evaluation.domain}, {"sender", evaluation.sender},
                   {"explanation", evaluation.explanation}, {"mechanism", evaluation.mechanism}};
  out["path"] = json::array(evaluation.path.begin(), evaluation.path.end());
  out["why"] = evaluation.why;
  out["lookups"] = evaluation.lookups;
  out["void_lookups"] = evaluation.void_lookups.size();
  out["voids"] = std::move(voids);
  out["trace"] = to_json(evaluation.trace);
  return out;
}

}  // namespace mailmedic::spf
