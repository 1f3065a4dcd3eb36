#include "checks/spam/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "lib/text/ascii.hpp"

namespace mailmedic::spam {

namespace {
constexpr double worth_telling = 0.5;  // smaller ones add up to nothing
constexpr std::size_t most_told = 15;

std::string points(double value) { return fmt::format("{:.1f}", value); }

void judge_rules(const Engine& engine, const Verdict& verdict, CheckReport& report) {
  std::size_t told = 0;
  for (const Rule& rule : verdict.rules) {
    if (rule.points < worth_telling || told++ == most_told) break;
    Finding costs{.id = "spam.rule", .subject = engine.name()};
    costs.args = {{"engine", engine.name()}, {"rule", rule.name.substr(0, 100)}, {"points", points(rule.points)}, {"what", rule.description.empty() ? rule.name.substr(0, 100) : rule.description.substr(0, 300)}};
    costs.evidence = {{engine.place(), fmt::format("{} {} {}", points(rule.points), rule.name.substr(0, 100), rule.description.substr(0, 300))}};
    report.findings.push_back(std::move(costs));
  }
}

Facts facts_of(const Engine& engine, const Verdict& verdict) {
  Facts out;
  out["place"] = engine.place();
  out["score"] = verdict.score;
  out["threshold"] = verdict.threshold;
  out["is_spam"] = verdict.is_spam;
  out["action"] = verdict.action;
  boost::json::array rules;
  for (const Rule& rule : verdict.rules) {
    Facts one;
    one["name"] = rule.name;
    one["points"] = rule.points;
    one["description"] = rule.description;
    rules.push_back(std::move(one));
  }
  out["rules"] = std::move(rules);
  return out;
}

/// The rules that fired for the message and no more without the part.
std::vector<std::string> rules_gone(const Verdict& with, const Verdict& without) {
  std::vector<std::string> out;
  for (const Rule& rule : with.rules) {
    const bool stays = std::any_of(without.rules.begin(), without.rules.end(), [&](const Rule& other) { return other.name == rule.name; });
    if (!stays && rule.points > 0 && out.size() < most_told) out.push_back(fmt::format("{} {}", rule.name.substr(0, 100), points(rule.points)));
  }
  return out;
}
}  // namespace

void judge(const Engine& engine, const text::Parsed<Verdict>& answer, CheckReport& report) {
  if (!answer) {
    Finding unknown{.id = "spam.no-verdict", .subject = engine.name()};
    unknown.args = {{"engine", engine.name()}, {"place", engine.place()}, {"why", answer.error().why}};
    unknown.evidence = {{engine.place(), answer.error().why}};
    report.could_not_tell(std::move(unknown));
    return;
  }
  Finding score{.id = "spam.below-threshold", .subject = engine.name()};
  if (answer->is_spam) score.id = "spam.over-threshold";
  score.args = {{"engine", engine.name()}, {"score", points(answer->score)}, {"threshold", points(answer->threshold)}};
  score.evidence = {{engine.place(), fmt::format("{} / {} {}", points(answer->score), points(answer->threshold), answer->action)}};
  report.findings.push_back(std::move(score));
  judge_rules(engine, *answer, report);
  report.facts[engine.name()] = facts_of(engine, *answer);
}

void judge_absence(CheckReport& report) {
  Finding none{.id = "spam.none-here", .subject = "spam engines"};
  none.evidence = {{"127.0.0.1:783, 127.0.0.1:11333", "nobody listens"}};
  report.could_not_tell(std::move(none));
}

void judge_parts(const Engine& engine, const std::vector<Tried>& tried, CheckReport& report) {
  if (tried.empty()) return;
  std::vector<std::pair<double, Finding>> dear;
  boost::json::array rows;
  for (const Tried& one : tried) {
    if (!one.verdict) {
      Finding unknown{.id = "spam.part-not-scored", .subject = engine.name()};
      unknown.args = {{"engine", engine.name()}, {"part", one.without.empty() ? "its signatures" : one.without}, {"why", one.verdict.error().why}};
      unknown.evidence = {{engine.place(), one.verdict.error().why}};
      report.could_not_tell(std::move(unknown));
      if (one.without.empty()) return;  // nothing to hold the others against
      continue;
    }
    if (one.without.empty()) continue;
    const double costs = tried.front().verdict->score - one.verdict->score;
    const std::vector<std::string> gone = rules_gone(*tried.front().verdict, *one.verdict);
    boost::json::array names;
    for (const std::string& name : gone) names.push_back(boost::json::value(name));
    rows.push_back(Facts{{"without", one.without}, {"costs", costs}, {"rules", std::move(names)}});
    if (costs < worth_telling) continue;
    Finding part{.id = "spam.part", .subject = engine.name()};
    part.args = {{"engine", engine.name()}, {"part", one.without}, {"points", points(costs)}};
    part.evidence = {{engine.place(), fmt::format("{} > {}: {}", points(tried.front().verdict->score), points(one.verdict->score), text::joined(gone, ", "))}};
    dear.emplace_back(costs, std::move(part));
  }
  std::stable_sort(dear.begin(), dear.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (auto& [costs, part] : dear) report.findings.push_back(std::move(part));
  Facts& facts = report.facts[engine.name()].is_object() ? report.facts[engine.name()].get_object() : report.facts[engine.name()].emplace_object();
  facts["parts"] = std::move(rows);
}

}  // namespace mailmedic::spam
