#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "lib/maillog/line.hpp"

namespace mailmedic::cli {

/// "2026-11-23", "2026-11-23 22:24", with seconds and zone if wanted; "90m", "12h", "7d" before `now`; "today", "yesterday".
/// Without a zone it is this machine's.
std::optional<maillog::Seconds> parse_moment(std::string_view text, std::chrono::system_clock::time_point now);

/// "2026-11-23 22:24" in this machine's zone.
std::string local_text(maillog::Seconds time);

}  // namespace mailmedic::cli
