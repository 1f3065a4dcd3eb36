#pragma once
// Bars on a common axis: the stages of a connection in time, counts of hours. A drawing in HTML, lines of text elsewhere.
#include <string>
#include <vector>

namespace mailmedic::reports {

struct Bar {
  enum class Tone { good, bad, broken };
  std::string label;
  double start = 0, length = 0;  ///< on the axis; neither is negative
  std::string note;              ///< behind the bar: the number and its unit
  Tone tone = Tone::good;
};

struct Chart {
  std::string title;
  std::vector<Bar> bars;

  /// Where the axis ends: what the longest bar reaches.
  double end() const;
};

/// The same with characters, a line for each bar: label, a bar in `width` columns, note. Raw text, as the labels are.
std::vector<std::string> lines_of(const Chart& chart, std::size_t width = 40);

}  // namespace mailmedic::reports
