#pragma once
#include "lib/smtp/mail_hosts.hpp"
#include "reports/report.hpp"
#include "tools/cli/thresholds.hpp"

namespace mailmedic::cli {

/// What a monitoring system keeps of a survey: the time of each stage, of the whole, the days that each certificate has
/// left, the TLS version. Named as blackbox_exporter does where it measures the same.
void add_measures(reports::Report& report, const smtp::Survey& survey, TimePoint now, const Thresholds& thresholds);

}  // namespace mailmedic::cli
