#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace mailmedic::reports {

/// Counts over time or over anything else in order, drawn as stacked columns where there is something to draw on.
struct Histogram {
  struct Column {
    std::string label;
    std::vector<std::uint64_t> values;  ///< one a series, the lowest first
  };
  std::string title;
  std::vector<std::string> series;      ///< at most four, the good one first
  std::vector<Column> columns;
};

}  // namespace mailmedic::reports
