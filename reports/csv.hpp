#pragma once
#include <string>
#include <string_view>

#include "reports/report.hpp"

namespace mailmedic::reports {

/// One cell of a table (RFC 4180), cut to 1000 bytes: harmless in a terminal, and a spreadsheet calculates nothing of it.
std::string csv_cell(std::string_view raw);

/// The head line of to_csv.
std::string csv_head();

/// A line for each finding and for each thing that could not be told (RFC 4180, UTF-8), and one line with an empty id
/// for a report without any, so that every target is in the table. A cell that a spreadsheet would take for a formula
/// begins with an apostrophe.
std::string to_csv(const Report& report, const Judgement& judgement);

}  // namespace mailmedic::reports
