#pragma once
// A number that a monitoring system keeps: the time of a stage, the days that a certificate has left.
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mailmedic::reports {

struct Measure {
  std::string label;   ///< in the performance data of a monitoring plugin; empty: not there
  std::string metric;  ///< in Prometheus, "probe_smtp_duration_seconds"; empty: not there
  std::string help;    ///< of the metric, one line
  std::vector<std::pair<std::string, std::string>> labels;  ///< of the metric, beside the target
  double value = 0;
  std::string unit;    ///< "s", or empty
  std::optional<double> warning, critical;
  bool is_floor = false;  ///< it is what lies below the limits that matters
};

}  // namespace mailmedic::reports
