#pragma once
#include <vector>

#include "checks/log/gather.hpp"
#include "reports/report.hpp"

namespace mailmedic::cli {

/// The counts as tables for people: totals, causes, receivers, senders, clients, and a histogram over time.
std::vector<reports::Exhibit> log_exhibits(const log::Gathered& all, std::size_t top);

/// The histogram, to be drawn.
reports::Histogram log_chart(const log::Gathered& all);

}  // namespace mailmedic::cli
