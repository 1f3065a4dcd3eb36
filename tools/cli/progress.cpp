#include "tools/cli/progress.hpp"

#include <fmt/format.h>

#include <iostream>

#include "lib/text/shown.hpp"

namespace mailmedic::cli {

void ProgressLine::show(const std::string& line) { std::cerr << "\r\x1b[K" << text::shown(line, 76) << std::flush; }

void ProgressLine::check(std::string_view target, const Check& check, bool ended) {
  if (!shown_) return;
  if (ended) std::erase(waiting_, check.id);
  else waiting_.push_back(check.id);
  std::string line = fmt::format("{}: ", target);
  for (const std::string_view id : waiting_) line += fmt::format("{} ", id);
  show(line);
}

void ProgressLine::count(std::size_t done, std::size_t problems) {
  const auto now = std::chrono::steady_clock::now();
  if (!shown_ || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  show(fmt::format("{} done, {} with problems", done, problems));
}

void ProgressLine::clear() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;
}

}  // namespace mailmedic::cli
