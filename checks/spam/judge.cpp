#include "checks/spam/judge.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>

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

}  // namespace mailmedic::spam
