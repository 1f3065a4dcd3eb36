#include "reports/nagios.hpp"

#include <fmt/format.h>

#include "lib/text/shown.hpp"

namespace mailmedic::reports {

namespace {
/// A "|" would end the text and begin the performance data.
std::string harmless(std::string_view text) {
  std::string out = text::shown(text, 300);
  for (char& c : out)
    if (c == '|') c = '/';
  return out;
}

/// 'label'=value[unit];[warning];[critical];[least]. A quote and "=" can't be in a label.
std::string performance(const Measure& measure) {
  std::string label = harmless(measure.label);
  for (char& c : label)
    if (c == '\'' || c == '=') c = '_';
  const auto limit = [&](const std::optional<double>& value) { return value ? fmt::format("{:g}{}", *value, measure.is_floor ? ":" : "") : std::string(); };
  return fmt::format(" '{}'={:.6g}{};{};{};0", label, measure.value, measure.unit, limit(measure.warning), limit(measure.critical));
}
}  // namespace

std::string to_nagios(const Report& report, const Judgement& judgement) {
  static constexpr std::string_view words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
  std::string line = fmt::format("{} - {}", words[static_cast<int>(judgement.status)], harmless(report.target));
  int said = 0;
  for (const Judged& judged : judgement.findings) {
    const bool counts = judged.severity ? *judged.severity >= Severity::warning : judgement.status == Status::inconclusive;
    if (!counts) continue;
    if (said == 3) {
      line += "; ...";
      break;
    }
    line += fmt::format("{}{}", said++ ? "; " : ": ", harmless(judged.title));
  }
  line += fmt::format(" | problems={};;0 warnings={};0 unknown={} accepted={} time={:.3f}s", judgement.problems, judgement.warnings,
                      judgement.unknowns, judgement.accepted.size(), std::chrono::duration<double>(report.duration).count());
  for (const Measure& measure : report.measures)
    if (!measure.label.empty()) line += performance(measure);
  return line + '\n';
}

}  // namespace mailmedic::reports
