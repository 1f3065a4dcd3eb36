#pragma once
#include <chrono>
#include <optional>

#include "checks/check.hpp"
#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic::smtp {

/// How long a whole conversation may take before the user wants to hear of it; nothing: not asked for.
struct TimeLimits {
  std::optional<double> warning, error;  ///< seconds
};

/// Names the slowest stage of a conversation over the limits, or of one with a stage that took five seconds. SMT-031.
void judge_times(const Survey& survey, const TimeLimits& limits, CheckReport& report);

}  // namespace mailmedic::smtp
