#pragma once
// The list of all checks, and running them side by side.
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "checks/check.hpp"

namespace mailmedic {

/// Every check, in report order. One row each; nothing registers itself from afar.
std::span<const Check> all_checks();

/// The rows of these ids, in the table's order.
std::vector<Check> checks_named(std::span<const std::string_view> ids);

/// Told when a check begins (`report` null) and when it ends.
using Progress = std::function<void(const Check& check, const CheckReport* report)>;

/// Runs checks at once; their reports in the checks' order. An exception of a check is a bug of ours: it becomes the
/// unknown "check.failed" of that check alone. The slots of `finished` are filled as checks end, so that a run that
/// is interrupted keeps what was done: it must have as many elements as `checks`.
asio::awaitable<void> run_checks(std::span<const Check> checks, const Target& target, Probes& probes, std::span<CheckReport> finished,
                                 Progress progress);

/// What stands for a check that was not finished when the run was interrupted.
CheckReport interrupted(const Check& check);

}  // namespace mailmedic
