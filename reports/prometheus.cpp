#include "reports/prometheus.hpp"

#include <fmt/format.h>

#include "lib/text/shown.hpp"

namespace mailmedic::reports {

namespace {
/// Label values are UTF-8 with backslash, quote and line feed escaped.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text::shown(text, 300)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}
}  // namespace

void Prometheus::sample(const std::string& metric, const std::string& help, Labels labels, double value) {
  Family& family = families_[metric];
  family.help = help;
  std::string line = metric + '{';
  for (const auto& [name, text] : labels) line += fmt::format("{}{}=\"{}\"", line.back() == '{' ? "" : ",", name, escaped(text));
  family.samples.push_back(fmt::format("{}}} {}", line, value));
}

void Prometheus::add(const Report& report) {
  const Judgement judgement = judge(report, catalogue_, Language::en);
  const auto about = [&](Labels more) {
    Labels out{{"tool", report.tool}, {"target", report.target}};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  };
  const bool fine = judgement.status == Status::ok || judgement.status == Status::warning;
  sample("probe_success", "1 if the target has no problem, 0 if it has one or nothing could be told", about({}), fine ? 1 : 0);
  sample("probe_duration_seconds", "How long the examination took", about({}), std::chrono::duration<double>(report.duration).count());
  sample("mailmedic_status", "0 fine, 1 warnings, 2 problems, 3 could not tell", about({}), static_cast<double>(judgement.status));
  sample("mailmedic_last_run_timestamp_seconds", "When the examination began", about({}),
         static_cast<double>(std::chrono::duration_cast<std::chrono::seconds>(report.started.time_since_epoch()).count()));
  const std::pair<const char*, int> counts[] = {{"problem", judgement.problems}, {"warning", judgement.warnings}, {"info", judgement.infos}, {"unknown", judgement.unknowns},
                                                {"accepted", static_cast<int>(judgement.accepted.size())}};
  for (const auto& [kind, count] : counts) sample("mailmedic_findings", "Number of findings by kind", about({{"kind", kind}}), count);
  for (const Judged& judged : judgement.findings)
    if (!judged.severity || *judged.severity >= Severity::warning)
      sample("mailmedic_finding", "A finding that stands now",
             about({{"id", std::string(judged.finding->id)}, {"subject", judged.finding->subject}, {"severity", std::string(judged.severity ? severity_word(*judged.severity) : "unknown")}}), 1);
  for (const Measure& measure : report.measures)
    if (!measure.metric.empty()) sample(measure.metric, measure.help, about(measure.labels), measure.value);
}

std::string Prometheus::text() const {
  std::string out;
  for (const auto& [metric, family] : families_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", metric, family.help, metric);
    for (const std::string& line : family.samples) out += line + '\n';
  }
  return out;
}

}  // namespace mailmedic::reports
