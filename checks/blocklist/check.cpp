#include "checks/blocklist/check.hpp"

#include <fmt/format.h>

#include "lib/dns/fitness.hpp"
#include "lib/dns/public_suffix.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/net/parallel.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::blocklist {

namespace {

/// The question without the key that may be in it.
std::string shown_question(const Result& result) {
  const std::string &question = result.question.text(), &zone = result.list->zone.text();
  return question.substr(0, question.size() - zone.size()) + result.list->shown;
}

Facts to_json(const Result& result) {
  Facts row{{"zone", result.list->shown}, {"name", result.list->name}, {"subject", subject_text(result.subject)},
            {"state", state_word(result.state)}, {"tier", tier_word(result.list->tier)}};
  if (result.list->allows) row["kind"] = "allow";
  boost::json::array codes, meanings;
  for (const auto& code : result.codes) codes.push_back(boost::json::value(code));
  for (const auto& meaning : result.meanings) meanings.push_back(boost::json::value(meaning));
  row["codes"] = std::move(codes);
  row["meanings"] = std::move(meanings);
  row["reason"] = result.reason.empty() && !result.meanings.empty() && result.state != State::listed ? result.meanings.front() : result.reason;
  row["question"] = shown_question(result);
  row["server"] = result.server;
  row["ttl"] = result.ttl.count();
  return row;
}

Evidence evidence_of(const Result& result) {
  std::string text = text::joined(result.meanings, "; ");
  if (!result.reason.empty()) text += fmt::format("{}\"{}\"", text.empty() ? "" : "; ", result.reason);
  return {fmt::format("A {}", shown_question(result)), text};
}

Finding listing(const Result& result) {
  const List& list = *result.list;
  Finding finding{.id = list.allows ? "blocklist.allowed" : result.policy_only ? "blocklist.policy" : "blocklist.listed",
                  .subject = subject_text(result.subject)};
  if (!list.allows && !result.policy_only)
    finding.severity = list.tier == Tier::high ? Severity::error : list.tier == Tier::medium ? Severity::warning : Severity::info;
  finding.args = {{"subject", subject_text(result.subject)}, {"list", list.name}, {"zone", list.shown},
                  {"meaning", text::joined(result.meanings, "; ")}, {"url", list.url.empty() ? list.shown : list.url}, {"note", list.note}};
  finding.evidence = {evidence_of(result)};
  return finding;
}

/// One finding for all lists in the same state: each alone would bury the rest.
std::optional<Finding> without_verdict(std::string_view id, std::initializer_list<State> states, const std::vector<Result>& results) {
  std::vector<std::string> zones;
  Finding finding{.id = id, .subject = "DNS lists"};
  for (const Result& result : results) {
    if (std::find(states.begin(), states.end(), result.state) == states.end()) continue;
    if (std::find(zones.begin(), zones.end(), result.list->shown) != zones.end()) continue;
    zones.push_back(result.list->shown);
    finding.evidence.push_back(evidence_of(result));
  }
  if (zones.empty()) return std::nullopt;
  finding.args = {{"count", std::to_string(zones.size())}, {"zones", text::joined(zones, ", ")}};
  return finding;
}

/// A list that says little is not worth a verdict of "could not tell" when it is silent.
bool counts(const Result& result) { return result.list->tier != Tier::low; }

void judge(const std::vector<Result>& results, const Lists& lists, CheckReport& report) {
  boost::json::array rows;
  bool all_missing = !results.empty();
  for (const Result& result : results) {
    rows.push_back(to_json(result));
    all_missing = all_missing && result.missing_zone;
    if (result.state == State::listed) report.findings.push_back(listing(result));
  }
  report.facts["lists"] = std::move(rows);
  for (const List& list : lists.closed) {
    Finding closed{.id = "blocklist.closed", .subject = list.shown, .args = {{"zone", list.shown}, {"why", list.closed}}};
    report.findings.push_back(std::move(closed));
  }
  if (all_missing) {
    report.outcome = Outcome::not_applicable;
    report.reason = "none of the lists exists for this resolver: it answers for a world of its own";
    return;
  }
  std::vector<Result> minor, major;
  for (const Result& result : results) (counts(result) ? major : minor).push_back(result);
  if (auto dead = without_verdict("blocklist.dead", {State::dead}, results)) report.findings.push_back(std::move(*dead));
  if (auto silent = without_verdict("blocklist.minor-no-verdict", {State::refused, State::rewritten, State::timeout}, minor))
    report.findings.push_back(std::move(*silent));
  if (auto refused = without_verdict("blocklist.refused", {State::refused}, major)) report.could_not_tell(std::move(*refused));
  if (auto rewritten = without_verdict("blocklist.rewritten", {State::rewritten}, major)) report.could_not_tell(std::move(*rewritten));
  if (auto silent = without_verdict("blocklist.no-answer", {State::timeout}, major)) report.could_not_tell(std::move(*silent));
}

/// Lists turn away public resolvers: who asks through one should know that before he reads the results.
asio::awaitable<bool> judge_resolver(const Lists& lists, dns::Resolver& dns, CheckReport& report) {
  if (lists.asked.empty()) co_return true;
  const dns::Fitness fitness = co_await dns::measure_fitness(dns, dns::Name::parse("dnssec-failed.org").value());
  report.facts["resolver"] = boost::json::object{{"server", fitness.server}, {"public_service", fitness.public_service}, {"rewrites_absence", fitness.rewrites_absence}};
  if (fitness.public_service.empty()) co_return true;
  Finding finding{.id = "blocklist.public-resolver", .subject = fitness.server};
  finding.args = {{"server", fitness.server}, {"service", fitness.public_service}};
  finding.evidence = {{"resolver", fitness.server}};
  report.findings.push_back(std::move(finding));
  co_return true;
}

/// The domain itself, and the one that was registered: lists of domains hold mostly those.
void add_domain(const dns::Name& name, std::vector<Subject>& subjects) {
  for (const std::optional<dns::Name>& one : {std::optional(name), dns::registrable_domain(name)})
    if (one && std::find(subjects.begin(), subjects.end(), Subject(*one)) == subjects.end()) subjects.emplace_back(*one);
}

/// The names that sending hosts go by: what they say in EHLO, and their reverse names.
asio::awaitable<std::vector<Result>> ask_about_hosts(const Target& target, const std::vector<Subject>& asked_already, dns::Resolver& dns) {
  std::vector<dns::Question> questions;
  for (const net::Address& address : target.sending_addresses)
    questions.push_back({dns::Name::parse(net::reverse_name(address)).value(), dns::Type::ptr});
  const std::vector<dns::Answer> answers = co_await dns::query_all(dns, questions);
  std::vector<Subject> subjects = asked_already;
  for (const dns::Answer& answer : answers) {
    const std::vector<dns::Name> names = answer.all<dns::Name>();
    for (std::size_t i = 0; i < names.size() && i < 3; ++i) add_domain(names[i], subjects);
  }
  if (target.helo && !net::parse_address(*target.helo))
    if (const auto helo = dns::Name::parse(*target.helo); helo && helo->is_host_name()) add_domain(*helo, subjects);
  subjects.erase(subjects.begin(), subjects.begin() + static_cast<std::ptrdiff_t>(asked_already.size()));
  co_return co_await ask(target.lists->asked, subjects, dns, target.one_of_many);
}

asio::awaitable<bool> ask_into(std::vector<Result>& results, const Lists& lists, const std::vector<Subject>& subjects, dns::Resolver& dns, bool one_of_many) {
  results = co_await ask(lists.asked, subjects, dns, one_of_many);
  co_return true;
}

}  // namespace

asio::awaitable<CheckReport> check_subjects(const std::vector<Subject>& subjects, const Lists& lists, dns::Resolver& dns, bool one_of_many) {
  CheckReport report{.check = "blocklist"};
  std::vector<Result> results;
  std::vector<asio::awaitable<bool>> work;
  work.push_back(ask_into(results, lists, subjects, dns, one_of_many));
  work.push_back(judge_resolver(lists, dns, report));
  co_await net::in_parallel(std::move(work));
  judge(results, lists, report);
  co_return report;
}

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report{.check = "blocklist"};
  if (!target.lists) {
    report.outcome = Outcome::not_applicable;
    report.reason = "no lists were chosen";
    co_return report;
  }
  std::vector<Subject> subjects(target.sending_addresses.begin(), target.sending_addresses.end());
  add_domain(target.domain, subjects);
  std::vector<asio::awaitable<std::vector<Result>>> work;
  work.push_back(ask(target.lists->asked, subjects, probes.dns, target.one_of_many));
  work.push_back(ask_about_hosts(target, subjects, probes.dns));
  std::vector<std::vector<Result>> parts = co_await net::in_parallel(std::move(work));
  parts[0].insert(parts[0].end(), std::make_move_iterator(parts[1].begin()), std::make_move_iterator(parts[1].end()));
  leave_out_other_kinds(parts[0]);
  co_await judge_resolver(*target.lists, probes.dns, report);  // asked by the check of DNSSEC at the same time
  judge(parts[0], *target.lists, report);
  co_return report;
}

}  // namespace mailmedic::blocklist
