#include "lib/feedback/tls.hpp"

#include <boost/json/parse.hpp>

namespace mailmedic::feedback {

namespace json = boost::json;

namespace {

/// Values cost many times their bytes; such reports have some kilobytes.
constexpr std::size_t max_bytes = 16 * 1024 * 1024;

/// Bytes that are kept of one text.
constexpr std::size_t most_text = 500;

std::string text_of(const json::object& of, std::string_view name) {
  const json::value* found = of.if_contains(name);
  return found && found->is_string() ? std::string(std::string_view(found->get_string()).substr(0, most_text)) : std::string();
}

std::uint64_t number_of(const json::object& of, std::string_view name) {
  const json::value* found = of.if_contains(name);
  if (!found) return 0;
  if (found->is_uint64()) return found->get_uint64();
  return found->is_int64() && found->get_int64() > 0 ? static_cast<std::uint64_t>(found->get_int64()) : 0;
}

/// The objects of an array, or the object that stands in its place.
std::vector<const json::object*> objects_of(const json::object& of, std::string_view name) {
  std::vector<const json::object*> out;
  const json::value* found = of.if_contains(name);
  if (!found) return out;
  if (found->is_object()) out.push_back(&found->get_object());
  if (found->is_array())
    for (const json::value& one : found->get_array())
      if (one.is_object()) out.push_back(&one.get_object());
  return out;
}

/// The same of strings: "mx-host" is one in RFC 8460's example and an array in its text.
std::vector<std::string> texts_of(const json::object& of, std::string_view name) {
  std::vector<std::string> out;
  const json::value* found = of.if_contains(name);
  if (found && found->is_string()) out.emplace_back(found->get_string());
  if (found && found->is_array())
    for (const json::value& one : found->get_array())
      if (one.is_string()) out.emplace_back(one.get_string());
  return out;
}

TlsFailure failure_of(const json::object& from) {
  return {.result_type = text_of(from, "result-type"), .sending_address = text_of(from, "sending-mta-ip"), .receiving_host = text_of(from, "receiving-mx-hostname"),
          .receiving_helo = text_of(from, "receiving-mx-helo"), .receiving_address = text_of(from, "receiving-ip"), .reason_code = text_of(from, "failure-reason-code"),
          .information = text_of(from, "additional-information"), .count = number_of(from, "failed-session-count")};
}

TlsPolicy policy_of(const json::object& from) {
  TlsPolicy out;
  for (const json::object* policy : objects_of(from, "policy")) {
    out.type = text_of(*policy, "policy-type");
    out.domain = text_of(*policy, "policy-domain");
    out.strings = texts_of(*policy, "policy-string");
    out.hosts = texts_of(*policy, "mx-host");
  }
  for (const json::object* summary : objects_of(from, "summary")) {
    out.successful = number_of(*summary, "total-successful-session-count");
    out.failed = number_of(*summary, "total-failure-session-count");
  }
  for (const json::object* failure : objects_of(from, "failure-details")) out.failures.push_back(failure_of(*failure));
  return out;
}

}  // namespace

text::Parsed<TlsReport> parse_tls_report(std::string_view document) {
  if (document.size() > max_bytes) return text::ParseError{0, "more than " + std::to_string(max_bytes) + " bytes of JSON"};
  boost::system::error_code wrong;
  const json::value value = json::parse(document, wrong);
  if (wrong) return text::ParseError{0, "no JSON: " + wrong.message()};
  if (!value.is_object() || !value.get_object().contains("policies")) return text::ParseError{0, "JSON, but no TLS report: it has no \"policies\""};
  const json::object& root = value.get_object();
  TlsReport out;
  out.organization = text_of(root, "organization-name");
  out.contact = text_of(root, "contact-info");
  out.id = text_of(root, "report-id");
  for (const json::object* range : objects_of(root, "date-range")) {
    out.begin = text_of(*range, "start-datetime");
    out.end = text_of(*range, "end-datetime");
  }
  for (const json::object* policy : objects_of(root, "policies")) out.policies.push_back(policy_of(*policy));
  return out;
}

}  // namespace mailmedic::feedback
