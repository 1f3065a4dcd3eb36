#include "checks/receivers/measure.hpp"

#include "checks/receivers/measure_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace mailmedic::receivers {

namespace json = boost::json;

std::string_view result_word(Result result) {
  switch (result) {
    case Result::pass: return "pass";
    case Result::fail: return "fail";
    case Result::not_measurable: return "not-measurable";
  }
  return "not-measurable";
}

namespace {

using Reports = std::span<const CheckReport>;

const CheckReport* report_of(Reports reports, std::string_view check) {
  const auto found = std::find_if(reports.begin(), reports.end(), [&](const CheckReport& one) { return one.check == check; });
  return found == reports.end() ? nullptr : &*found;
}

const json::value* fact(const CheckReport& report, std::string_view name) { return report.facts.if_contains(name); }

std::string text_of(const json::value& object, std::string_view name) {
  const auto* value = object.is_object() ? object.get_object().if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::span<const json::value> list_of(const CheckReport& report, std::string_view name) {
  const json::value* value = fact(report, name);
  if (!value || !value->is_array()) return {};
  return {value->get_array().begin(), value->get_array().end()};
}

Measured not_measurable(std::string why) { return {.result = Result::not_measurable, .why = std::move(why)}; }
Measured pass(std::string why, std::vector<Evidence> evidence = {}) { return {.result = Result::pass, .why = std::move(why), .evidence = std::move(evidence)}; }
Measured fail(std::string why, std::vector<Evidence> evidence = {}) { return {.result = Result::fail, .why = std::move(why), .evidence = std::move(evidence)}; }

/// The first finding with one of these ids.
const Finding* found(const CheckReport& report, std::initializer_list<std::string_view> ids) {
  for (const Finding& finding : report.findings)
    if (std::find(ids.begin(), ids.end(), finding.id) != ids.end()) return &finding;
  return nullptr;
}

Measured failed_by(const Finding& finding) {
  Measured measured = fail(fmt::format("{}: {}", finding.subject, finding.id), finding.evidence);
  measured.subject = finding.subject;
  return measured;
}

/// What every measure says when its check gave no answer; nothing otherwise.
std::optional<Measured> without_answer(const CheckReport* report, std::string_view check) {
  if (!report) return not_measurable(fmt::format("the check \"{}\" was not run", check));
  if (report->outcome == Outcome::not_applicable) return not_measurable(report->reason);
  return std::nullopt;
}

Measured spf(Reports reports) {
  if (const CheckReport* message = report_of(reports, "authentication")) return spf_of_message(*message);
  const CheckReport* report = report_of(reports, "spf");
  if (auto nothing = without_answer(report, "spf")) return *nothing;
  const json::value* record = fact(*report, "record");
  const bool evaluated = std::any_of(list_of(*report, "evaluations").begin(), list_of(*report, "evaluations").end(),
                                     [](const json::value& one) { return text_of(one, "identity") == "mailfrom"; });
  if (!evaluated) {
    if (record && record->is_string()) return not_measurable("a record is published; whether it passes needs the sending address (--ip)");
    if (report->outcome == Outcome::inconclusive) return not_measurable("DNS did not answer");
    return fail("there is no SPF record that can be read");
  }
  std::vector<Evidence> evidence;
  bool all_pass = true, some_unknown = false;
  for (const json::value& one : list_of(*report, "evaluations")) {
    if (text_of(one, "identity") != "mailfrom") continue;
    const std::string result = text_of(one, "result");
    all_pass = all_pass && result == "pass";
    some_unknown = some_unknown || result == "temperror";
    evidence.push_back({fmt::format("SPF of {} for {}", text_of(one, "sender"), text_of(one, "ip")), result});
  }
  if (all_pass) return pass("SPF passes", std::move(evidence));
  if (some_unknown) return not_measurable("DNS did not answer while SPF was evaluated");
  return fail("SPF does not pass", std::move(evidence));
}

Measured dkim(Reports reports) {
  if (const CheckReport* message = report_of(reports, "authentication")) return dkim_of_message(*message);
  const CheckReport* report = report_of(reports, "dkim");
  if (auto nothing = without_answer(report, "dkim")) return *nothing;
  for (const json::value& key : list_of(*report, "keys")) {
    const json::value* bits = key.is_object() ? key.get_object().if_contains("bits") : nullptr;
    const std::string algorithm = text_of(key, "algorithm");
    if (algorithm == "ed25519" || (algorithm == "rsa" && bits && bits->is_int64() && bits->get_int64() >= 1024))
      return pass("a key that receivers take is published; whether mail is signed shows only in a message", {{"TXT " + text_of(key, "domain"), text_of(key, "record")}});
  }
  if (const Finding* bad = found(*report, {"dkim.key-missing", "dkim.revoked", "dkim.key-absent", "dkim.short-key"})) return failed_by(*bad);
  if (!list_of(*report, "keys").empty() && report->outcome == Outcome::ran) return fail("no key that receivers take is published");
  return not_measurable("no key was found; name the selector in use with --selector");
}

Measured either(const Measured& one, const Measured& other) {
  if (one.result == Result::pass) return one;
  if (other.result == Result::pass) return other;
  if (one.result == Result::not_measurable) return one;
  return other.result == Result::not_measurable ? other : fail(one.why + "; " + other.why, one.evidence);
}

Measured dmarc(Reports reports) {
  if (const CheckReport* message = report_of(reports, "authentication")) return dmarc_of_message(*message);
  const CheckReport* report = report_of(reports, "dmarc");
  if (auto nothing = without_answer(report, "dmarc")) return *nothing;
  const json::value* policy = fact(*report, "policy");
  if (policy && policy->is_string()) {
    const json::value* record = fact(*report, "record");
    const std::string text = record && record->is_string() ? std::string(record->get_string()) : std::string();
    return pass(fmt::format("the policy is {}", std::string_view(policy->get_string())), {{"DMARC record", text}});
  }
  if (report->outcome == Outcome::inconclusive) return not_measurable("DNS did not answer");
  return fail("no DMARC policy applies");
}

Measured alignment(Reports reports) {
  if (const CheckReport* message = report_of(reports, "authentication")) return alignment_of_message(*message);
  const CheckReport* report = report_of(reports, "dmarc");
  if (auto nothing = without_answer(report, "dmarc")) return *nothing;
  for (const json::value& one : list_of(*report, "alignment")) {
    const json::value* aligned = one.is_object() ? one.get_object().if_contains("aligned") : nullptr;
    if (!aligned || !aligned->is_bool() || !aligned->get_bool()) continue;
    const std::string mechanism = text_of(one, "mechanism");
    if ((mechanism == "spf" ? spf(reports) : dkim(reports)).result == Result::pass)
      return pass(fmt::format("{} of {} is aligned", mechanism, text_of(one, "identifier")));
  }
  return not_measurable("neither SPF nor a DKIM key of the domain could be confirmed; a message shows it");
}

/// Each sending address has a reverse name that leads back to it.
Measured reverse_name(Reports reports) {
  const CheckReport* report = report_of(reports, "reverse_dns");
  if (auto nothing = without_answer(report, "reverse_dns")) return *nothing;
  if (const Finding* bad = found(*report, {"reverse_dns.missing", "reverse_dns.not-confirmed"})) return failed_by(*bad);
  std::vector<Evidence> evidence;
  for (const json::value& one : list_of(*report, "addresses")) {
    const json::value* confirmed = one.is_object() ? one.get_object().if_contains("confirmed") : nullptr;
    if (!confirmed || !confirmed->is_bool() || !confirmed->get_bool()) return not_measurable("DNS did not answer for " + text_of(one, "address"));
    evidence.push_back({"PTR of " + text_of(one, "address"), json::serialize(one.get_object().at("names"))});
  }
  if (evidence.empty()) return not_measurable("no sending address given (--ip)");
  return pass("each address has a reverse name that leads back to it", std::move(evidence));
}

/// reverse_name, and none of these findings besides.
Measured reverse_name_without(Reports reports, std::initializer_list<std::string_view> ids) {
  Measured basic = reverse_name(reports);
  if (basic.result != Result::pass) return basic;
  if (const Finding* bad = found(*report_of(reports, "reverse_dns"), ids)) return failed_by(*bad);
  return basic;
}

Measured existence(Reports reports) {
  const CheckReport* report = report_of(reports, "sender_domain");
  if (auto nothing = without_answer(report, "sender_domain")) return *nothing;
  if (const Finding* bad = found(*report, {"sender_domain.no-soa", "sender_domain.does-not-exist"})) return failed_by(*bad);
  if (report->outcome == Outcome::inconclusive) return not_measurable("DNS did not answer");
  return pass("the domain has an SOA record at its zone's apex");
}

Measured replies(Reports reports) {
  const CheckReport* report = report_of(reports, "sender_domain");
  if (auto nothing = without_answer(report, "sender_domain")) return *nothing;
  if (const Finding* bad = found(*report, {"sender_domain.null-mx", "sender_domain.takes-no-mail", "sender_domain.does-not-exist"})) return failed_by(*bad);
  if (report->outcome == Outcome::inconclusive) return not_measurable("DNS did not answer");
  return pass("the domain takes mail");
}

/// Is no sending address or domain on a list that large receivers ask? `zone`: on lists of this zone only.
Measured not_listed(Reports reports, std::string_view zone) {
  const CheckReport* report = report_of(reports, "blocklist");
  if (auto nothing = without_answer(report, "blocklist")) return *nothing;
  bool asked = false, answered = false;
  for (const json::value& row : list_of(*report, "lists")) {
    const std::string state = text_of(row, "state"), name = text_of(row, "zone"), tier = text_of(row, "tier");
    const bool counts = zone.empty() ? tier == "high" : name.ends_with(zone);
    if (!counts || text_of(row, "kind") == "allow") continue;
    asked = true;
    answered = answered || state == "listed" || state == "clean";
    if (state == "listed") return fail(fmt::format("{} is on {}", text_of(row, "subject"), name), {{"A " + text_of(row, "question"), text_of(row, "reason")}});
  }
  if (!asked || !answered) return not_measurable("no such lists gave a verdict");
  return pass("not listed");
}

/// The form of a message, its names, and how to leave: what lint says of it.
Measured form(Reports reports) {
  const CheckReport* lint = report_of(reports, "lint");
  return lint ? by_lint(*lint, {"lint.no-header", "lint.not-a-field", "lint.nul", "lint.bare-cr", "lint.line-too-long", "lint.from-missing", "lint.from-syntax", "lint.date-missing", "lint.date-unreadable"})
              : not_measurable("shows only in a message");
}
Measured identity(Reports reports) {
  const CheckReport* lint = report_of(reports, "lint");
  return lint ? by_lint(*lint, {"lint.from-missing", "lint.from-not-one", "lint.from-syntax", "lint.repeated-field", "lint.message-id-missing", "lint.message-id-syntax"}) : not_measurable("shows only in a message");
}
Measured one_click(Reports reports) {
  const CheckReport* lint = report_of(reports, "lint");
  return lint ? by_lint_of_advertising(*lint, {"lint.unsubscribe-missing", "lint.unsubscribe-syntax", "lint.one-click-missing", "lint.one-click-post", "lint.one-click-uri", "lint.unsubscribe-mailto-only", "lint.unsubscribe-unsigned", "lint.not-signed-yet"})
              : not_measurable("shows only in a message");
}
Measured way_to_leave(Reports reports) {
  const CheckReport* lint = report_of(reports, "lint");
  return lint ? by_lint_of_advertising(*lint, {"lint.no-visible-unsubscribe"}) : not_measurable("shows only in a message");
}
Measured advertising_label(Reports reports) {
  const CheckReport* lint = report_of(reports, "lint");
  return lint ? by_lint_of_advertising(*lint, {"lint.ad-label"}) : not_measurable("shows only in a message");
}
Measured needs_message(Reports) { return not_measurable("shows only in a message"); }
Measured needs_sender(Reports) { return not_measurable("only the sender knows"); }
Measured needs_connection(Reports) { return not_measurable("shows only when mail is sent"); }

struct Row {
  std::string_view name;
  Measured (*run)(Reports);
};
constexpr Row table[] = {
    {"spf", spf},
    {"dkim", dkim},
    {"spf-or-dkim", [](Reports reports) { return either(spf(reports), dkim(reports)); }},
    {"dmarc", dmarc},
    {"alignment", alignment},
    {"reverse-name", reverse_name},
    {"reverse-name-not-generic", [](Reports reports) { return reverse_name_without(reports, {"reverse_dns.generic-name"}); }},
    {"reverse-name-of-own-domain", [](Reports reports) { return reverse_name_without(reports, {"reverse_dns.unrelated"}); }},
    {"existence", existence},
    {"replies", replies},
    {"not-listed", [](Reports reports) { return not_listed(reports, {}); }},
    {"not-on-spamhaus", [](Reports reports) { return not_listed(reports, "spamhaus.org"); }},
    {"message-form", form},
    {"message-identity", identity},
    {"one-click", one_click},
    {"visible-unsubscribe", way_to_leave},
    {"advertising-label", advertising_label},
    {"message", needs_message},
    {"sender", needs_sender},
    {"connection", needs_connection},
};

}  // namespace

bool is_measure(std::string_view name) {
  return std::any_of(std::begin(table), std::end(table), [&](const Row& row) { return row.name == name; });
}

Measured measure(std::string_view name, std::span<const CheckReport> reports) {
  for (const Row& row : table)
    if (row.name == name) return row.run(reports);
  return not_measurable("there is no such measure");
}

}  // namespace mailmedic::receivers
