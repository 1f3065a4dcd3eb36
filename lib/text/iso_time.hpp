#pragma once
#include <chrono>
#include <string>

namespace mailmedic::text {

/// "2026-11-25T02:27:53Z": ISO 8601, UTC, whole seconds.
std::string iso_time(std::chrono::system_clock::time_point time);

}  // namespace mailmedic::text
