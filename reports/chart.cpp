#include "reports/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mailmedic::reports {

double Chart::end() const {
  double out = 0;
  for (const Bar& bar : bars) out = std::max(out, bar.start + bar.length);
  return out;
}

std::vector<std::string> lines_of(const Chart& chart, std::size_t width) {
  static constexpr char marks[] = {'=', 'x', '!'};
  std::size_t label_width = 0;
  for (const Bar& bar : chart.bars) label_width = std::max(label_width, bar.label.size());
  const double end = chart.end(), scale = end > 0 ? static_cast<double>(width) / end : 0;
  std::vector<std::string> out;
  for (const Bar& bar : chart.bars) {
    const auto from = std::min(width - 1, static_cast<std::size_t>(bar.start * scale));
    const auto to = std::clamp(static_cast<std::size_t>(std::ceil((bar.start + bar.length) * scale)), from + 1, width);
    std::string drawn(width, ' ');
    std::fill(drawn.begin() + static_cast<std::ptrdiff_t>(from), drawn.begin() + static_cast<std::ptrdiff_t>(to), marks[static_cast<int>(bar.tone)]);
    out.push_back(fmt::format("{:<{}}  |{}|  {}", bar.label, label_width, drawn, bar.note));
  }
  return out;
}

}  // namespace mailmedic::reports
