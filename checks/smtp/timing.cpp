#include "checks/smtp/timing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/smtp/about.hpp"

namespace mailmedic::smtp {

namespace {
constexpr double long_stage = 5;  // seconds: many times what any step needs over the longest way on earth

double seconds(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1e6; }

/// What is measured is the time that things take, not our patience: a stage that failed is left out.
const StageRecord* slowest_of(const Probe& probe) {
  const StageRecord* out = nullptr;
  for (const StageRecord& stage : probe.stages)
    if (stage.outcome != StageRecord::Outcome::failed && (!out || stage.duration > out->duration)) out = &stage;
  return out;
}

std::optional<Severity> severity_of(double total, const StageRecord& slowest, const TimeLimits& limits) {
  if (limits.error && total > *limits.error) return Severity::error;
  if (limits.warning && total > *limits.warning) return Severity::warning;
  // A slow greeting has a finding of its own.
  if (slowest.stage != Stage::banner && seconds(slowest.duration) >= long_stage) return Severity::info;
  return std::nullopt;
}
}  // namespace

void judge_times(const Survey& survey, const TimeLimits& limits, CheckReport& report) {
  for (const SurveyedHost& host : survey.hosts)
    for (const Probe& probe : host.probes) {
      const StageRecord* slowest = slowest_of(probe);
      if (!slowest) continue;
      const double total = seconds(probe.stages.back().started + probe.stages.back().duration);
      const auto severity = severity_of(total, *slowest, limits);
      if (!severity) continue;
      Finding slow = about("smtp.slow", host, probe);
      slow.severity = severity;
      slow.args.emplace_back("total", fmt::format("{:.1f}", total));
      slow.args.emplace_back("stage", stage_label(slowest->stage));
      slow.args.emplace_back("seconds", fmt::format("{:.1f}", seconds(slowest->duration)));
      for (const StageRecord& stage : probe.stages) slow.evidence.push_back(at(probe, stage_label(stage.stage), fmt::format("{:.1f} ms", seconds(stage.duration) * 1000)));
      report.findings.push_back(std::move(slow));
    }
}

}  // namespace mailmedic::smtp
