#pragma once
#include "checks/certificate_life.hpp"
#include "checks/smtp/timing.hpp"
#include "lib/text/parse_error.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// Where a monitoring system wants to be told.
struct Thresholds {
  ExpiryDays expiry;
  smtp::TimeLimits time;
};

void add_expiry_options(CommandLine& line);  ///< --warn-days, --critical-days
void add_time_options(CommandLine& line);    ///< --warn-time, --critical-time

/// Of those options that the tool has; the error names the option.
text::Parsed<Thresholds> read_thresholds(const CommandLine& line);

}  // namespace mailmedic::cli
