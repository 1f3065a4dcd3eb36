#include "checks/blocklist/check.hpp"

#include <fmt/format.h>

#include "lib/text/ascii.hpp"

namespace mailmedic::blocklist {

namespace {

Facts to_json(const Result& result) {
  Facts row{{"zone", result.list->zone.text()}, {"name", result.list->name}, {"subject", subject_text(result.subject)},
            {"state", state_word(result.state)}, {"tier", tier_word(result.list->tier)}};
  if (result.list->allows) row["kind"] = "allow";
  boost::json::array codes, meanings;
  for (const auto& code : result.codes) codes.push_back(boost::json::value(code));
  for (const auto& meaning : result.meanings) meanings.push_back(boost::json::value(meaning));
  row["codes"] = std::move(codes);
  row["meanings"] = std::move(meanings);
  row["reason"] = result.reason.empty() && !result.meanings.empty() && result.state != State::listed ? result.meanings.front() : result.reason;
  row["question"] = result.question.text();
  row["server"] = result.server;
  row["ttl"] = result.ttl.count();
  return row;
}

Evidence evidence_of(const Result& result) {
  std::string text = text::joined(result.meanings, "; ");
  if (!result.reason.empty()) text += fmt::format("{}\"{}\"", text.empty() ? "" : "; ", result.reason);
  return {fmt::format("A {}", result.question.text()), text};
}

Finding listing(const Result& result) {
  const List& list = *result.list;
  Finding finding{.id = list.allows ? "blocklist.allowed" : result.policy_only ? "blocklist.policy" : "blocklist.listed",
                  .subject = subject_text(result.subject)};
  if (!list.allows && !result.policy_only)
    finding.severity = list.tier == Tier::high ? Severity::error : list.tier == Tier::medium ? Severity::warning : Severity::info;
  finding.args = {{"subject", subject_text(result.subject)}, {"list", list.name}, {"zone", list.zone.text()},
                  {"meaning", text::joined(result.meanings, "; ")}, {"url", list.url.empty() ? list.zone.text() : list.url}, {"note", list.note}};
  finding.evidence = {evidence_of(result)};
  return finding;
}

/// One finding for all lists in the same state: each alone would bury the rest.
std::optional<Finding> without_verdict(std::string_view id, State state, const std::vector<Result>& results) {
  std::vector<std::string> zones;
  Finding finding{.id = id, .subject = "DNS lists"};
  for (const Result& result : results) {
    if (result.state != state) continue;
    if (std::find(zones.begin(), zones.end(), result.list->zone.text()) != zones.end()) continue;
    zones.push_back(result.list->zone.text());
    finding.evidence.push_back(evidence_of(result));
  }
  if (zones.empty()) return std::nullopt;
  finding.args = {{"count", std::to_string(zones.size())}, {"zones", text::joined(zones, ", ")}};
  return finding;
}

}  // namespace

asio::awaitable<CheckReport> check_subjects(const std::vector<Subject>& subjects, const std::vector<std::string>& zones, Probes& probes) {
  CheckReport report{.check = "blocklist"};
  auto known = read_lists(probes.data_directory + "/blocklists.toml");
  if (!known) {
    Finding unknown{.id = "blocklist.no-data", .subject = "DNS lists", .args = {{"why", known.error().why}}};
    report.could_not_tell(std::move(unknown));
    co_return report;
  }
  std::vector<List> lists;
  if (zones.empty()) lists = std::move(*known);
  for (const std::string& zone : zones) {
    const auto name = dns::Name::parse(zone);
    if (!name) {
      Finding unknown{.id = "blocklist.no-data", .subject = zone, .args = {{"why", zone + ": " + name.error().why}}};
      report.could_not_tell(std::move(unknown));
      continue;
    }
    const auto found = std::find_if(known->begin(), known->end(), [&](const List& list) { return list.zone == *name; });
    lists.push_back(found == known->end() ? unknown_list(*name) : *found);
  }
  for (const List& list : lists) {
    if (list.closed.empty() || zones.empty()) continue;
    Finding closed{.id = "blocklist.closed", .subject = list.zone.text(), .args = {{"zone", list.zone.text()}, {"why", list.closed}}};
    report.findings.push_back(std::move(closed));
  }

  const std::vector<Result> results = co_await ask(lists, subjects, probes.dns);
  boost::json::array rows;
  bool all_missing = !results.empty();
  for (const Result& result : results) {
    rows.push_back(to_json(result));
    all_missing = all_missing && result.missing_zone;
    if (result.state == State::listed) report.findings.push_back(listing(result));
  }
  report.facts["lists"] = std::move(rows);
  if (all_missing) {
    report.outcome = Outcome::not_applicable;
    report.reason = "none of the lists exists for this resolver: it answers for a world of its own";
    co_return report;
  }
  if (auto dead = without_verdict("blocklist.dead", State::dead, results)) report.findings.push_back(std::move(*dead));
  if (auto refused = without_verdict("blocklist.refused", State::refused, results)) report.could_not_tell(std::move(*refused));
  if (auto rewritten = without_verdict("blocklist.rewritten", State::rewritten, results)) report.could_not_tell(std::move(*rewritten));
  if (auto silent = without_verdict("blocklist.no-answer", State::timeout, results)) report.could_not_tell(std::move(*silent));
  co_return report;
}

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  std::vector<Subject> subjects(target.sending_addresses.begin(), target.sending_addresses.end());
  subjects.push_back(target.domain);
  co_return co_await check_subjects(subjects, target.blocklists, probes);
}

}  // namespace mailmedic::blocklist
