#pragma once
#include <string>
#include <vector>

#include "reports/report.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// A report begun now, for a tool and what it is asked about.
reports::Report begin_report(std::string tool, std::string target);

/// Prints reports in the format asked for, to the file asked for, and gives the exit status: the worst of them
/// (problem before warning before inconclusive before ok). A file that cannot be written, or a broken catalogue, is
/// told on standard error and gives 3. With `json`, several reports make an array; with `ndjson` a line each.
int print(const std::vector<reports::Report>& reports, const Common& common);

}  // namespace mailmedic::cli
