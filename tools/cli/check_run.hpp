#pragma once
// Running checks on one domain or on a hundred thousand.
#include <memory>
#include <string>
#include <vector>

#include "checks/check.hpp"
#include "checks/receivers/rules.hpp"
#include "reports/report.hpp"
#include "tools/cli/command_line.hpp"
#include "tools/cli/targets.hpp"

namespace mailmedic::cli {

class Network;

/// One report of these checks on one target, with progress on standard error when that is a terminal. After Ctrl-C,
/// what was done is in it and the rest is marked as interrupted.
reports::Report run_checks(const std::string& tool, const std::vector<Check>& checks, const Target& target, Network& network, const Common& common);

/// How many targets are looked at.
struct CheckRun {
  std::string tool;
  std::vector<Check> checks;
  std::string helo{};             ///< what probes say in EHLO
  std::size_t in_flight = 1;      ///< targets at once, in all threads together
  unsigned threads = 1;           ///< each with resolver sockets and a cache of its own
  std::shared_ptr<const receivers::Rules> rules{};  ///< null: requirements of receivers are not judged
  receivers::Profile profile{};
  bool dns_only = false;          ///< no web server may be asked either
  bool in_order = true;           ///< reports in the order of the targets; otherwise as they are done
};

/// Runs the checks on all targets and prints each report as soon as it is its turn; the exit status of the tool.
/// Ctrl-C ends it: what was done and what was begun is printed, and standard error tells how far it came.
int check_targets(const CheckRun& run, Targets& targets, const Common& common);

}  // namespace mailmedic::cli
