#include "checks/receivers/measure_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "lib/text/toml.hpp"

namespace mailmedic::receivers {

namespace json = boost::json;

namespace {

const json::object& object_of(const CheckReport& report, std::string_view name) {
  static const json::object nothing;
  const json::value* value = report.facts.if_contains(name);
  return value && value->is_object() ? value->get_object() : nothing;
}

bool is_true(const json::object& from, std::string_view name) {
  const json::value* value = from.if_contains(name);
  return value && value->is_bool() && value->get_bool();
}

}  // namespace

Measured spf_of_message(const CheckReport& authentication) {
  const json::object& spf = object_of(authentication, "spf");
  const std::string result = text::string_of(spf, "result");
  if (result.empty()) return {.result = Result::not_measurable, .why = "the address that delivered the message is not known (--ip)"};
  if (result == "temperror") return {.result = Result::not_measurable, .why = "DNS did not answer while SPF was evaluated"};
  const bool passes = result == "pass";
  return {.result = passes ? Result::pass : Result::fail, .why = passes ? "SPF passes" : "SPF does not pass", .evidence = {{"SPF of " + text::string_of(spf, "sender"), result}}};
}

Measured dkim_of_message(const CheckReport& authentication) {
  const json::value* all = authentication.facts.if_contains("signatures");
  if (!all || !all->is_array()) return {.result = Result::not_measurable, .why = "the signatures could not be read"};
  bool unknown = false;
  std::vector<Evidence> evidence;
  for (const json::value& item : all->get_array()) {
    const json::object& one = item.as_object();
    const std::string result = text::string_of(one, "result"), domain = text::string_of(one, "domain");
    evidence.push_back({"DKIM signature of " + domain, result});
    if (result == "pass") return {.result = Result::pass, .why = fmt::format("the signature of {} holds", domain), .evidence = {evidence.back()}};
    unknown = unknown || result == "temperror";
  }
  if (unknown) return {.result = Result::not_measurable, .why = "DNS did not answer for the key"};
  return {.result = Result::fail, .why = evidence.empty() ? "the message has no DKIM signature" : "no DKIM signature holds", .evidence = std::move(evidence)};
}

Measured dmarc_of_message(const CheckReport& authentication) {
  const json::object& dmarc = object_of(authentication, "dmarc");
  const std::string result = text::string_of(dmarc, "result"), policy = text::string_of(dmarc, "policy");
  if (policy.empty() && (result == "temperror" || result.empty())) return {.result = Result::not_measurable, .why = "DNS did not answer"};
  if (policy.empty()) return {.result = Result::fail, .why = "no DMARC policy applies"};
  return {.result = Result::pass, .why = fmt::format("the policy is {}", policy), .evidence = {{"DMARC record", text::string_of(dmarc, "record")}}};
}

Measured alignment_of_message(const CheckReport& authentication) {
  const json::object& dmarc = object_of(authentication, "dmarc");
  const json::value* aligned = dmarc.if_contains("aligned");
  if (!aligned || !aligned->is_bool()) return {.result = Result::not_measurable, .why = "it could not be told whether SPF or DKIM is aligned"};
  if (aligned->get_bool()) return {.result = Result::pass, .why = "SPF or DKIM passes, and is aligned"};
  return {.result = Result::fail, .why = "neither SPF nor DKIM passes for the From domain"};
}

Measured by_lint(const CheckReport& lint, std::initializer_list<std::string_view> ids) {
  for (const Finding& finding : lint.findings)
    if (std::find(ids.begin(), ids.end(), finding.id) != ids.end()) return {.result = Result::fail, .why = std::string(finding.id), .evidence = finding.evidence};
  for (const Finding& unknown : lint.unknowns)
    if (unknown.id.starts_with("check.") || std::find(ids.begin(), ids.end(), unknown.id) != ids.end()) return {.result = Result::not_measurable, .why = "lint could not tell", .evidence = unknown.evidence};
  if (lint.outcome == Outcome::not_applicable || is_true(lint.facts, "html_cut") || is_true(lint.facts, "parts_cut")) return {.result = Result::not_measurable, .why = "the message was not read to its end"};
  return {.result = Result::pass, .why = "nothing was found against it"};
}

Measured by_lint_of_advertising(const CheckReport& lint, std::initializer_list<std::string_view> ids) {
  if (!is_true(lint.facts, "advertising")) return {.result = Result::not_measurable, .why = "asked of bulk mail only (--bulk)"};
  return by_lint(lint, ids);
}

}  // namespace mailmedic::receivers
