#pragma once
#include <chrono>
#include <optional>
#include <string_view>

namespace mailmedic::message {

/// The time in a Date or Received field, "Wed, 25 Nov 2026 15:04:05 +0800 (CST)": RFC 5322 section 3.3, with the obsolete
/// years and zones of section 4.3. Nothing where it can't be read, or where a number is out of its range.
std::optional<std::chrono::sys_seconds> read_date(std::string_view text);

}  // namespace mailmedic::message
