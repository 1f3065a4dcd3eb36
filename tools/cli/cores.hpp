#pragma once
#include <sched.h>

#include <cstddef>

namespace mailmedic::cli {

/// Cores that this process may use: those of taskset(1) and of containers, not all that the machine has. At least 1.
inline std::size_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int count = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return count > 0 ? static_cast<std::size_t>(count) : 1;
}

}  // namespace mailmedic::cli
