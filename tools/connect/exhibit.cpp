#include "tools/connect/exhibit.hpp"

#include <fmt/format.h>

namespace mailmedic::connect {

namespace {
double milliseconds(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000; }

reports::Bar bar_of(const smtp::StageRecord& stage) {
  using Outcome = smtp::StageRecord::Outcome;
  reports::Bar out{.label = std::string(smtp::stage_label(stage.stage)), .start = milliseconds(stage.started), .length = milliseconds(stage.duration)};
  out.note = fmt::format("{:.1f} ms", out.length);
  if (stage.outcome != Outcome::passed) out.note += fmt::format("  {}", smtp::outcome_text(stage.outcome));
  out.tone = stage.outcome == Outcome::passed ? reports::Bar::Tone::good : stage.outcome == Outcome::rejected ? reports::Bar::Tone::bad : reports::Bar::Tone::broken;
  return out;
}

void add_transcript(const smtp::Transcript& transcript, reports::Exhibit& out) {
  for (const smtp::TranscriptEntry& entry : transcript.entries()) out.lines.push_back(fmt::format("{:>9.1f} ms {} {}", milliseconds(entry.at), entry.mark(), entry.text));
}
}  // namespace

reports::Exhibit exhibit_of(const std::string& host, const smtp::Probe& probe) {
  reports::Exhibit out{.title = fmt::format("{} {}", host, probe.request.place()), .lines = {}};
  out.chart.title = fmt::format("stages of the connection to {}", out.title);
  for (const smtp::StageRecord& stage : probe.stages) out.chart.bars.push_back(bar_of(stage));
  if (probe.handshake && probe.handshake->completed)
    out.lines.push_back(fmt::format("{}  {}  {}", probe.handshake->protocol, probe.handshake->cipher, probe.handshake->group));
  if (probe.stopped_at)
    out.lines.push_back(fmt::format("stopped at {}: {}{}", smtp::stage_text(*probe.stopped_at), smtp::cause_text(probe.cause), probe.why.empty() ? "" : "; " + probe.why));
  out.lines.push_back("");
  add_transcript(probe.transcript, out);
  return out;
}

reports::Exhibit exhibit_of(const std::string& host, const net::Endpoint& endpoint, const smtp::TrialSeen& trial) {
  reports::Exhibit out{.title = fmt::format("{} {}: test {}", host, endpoint.text(), smtp::trial_word(trial.trial)), .lines = {}};
  add_transcript(trial.transcript, out);
  return out;
}

}  // namespace mailmedic::connect
