#include "checks/log/bins.hpp"

#include <algorithm>

namespace mailmedic::log {

namespace {
/// Rounded down to a multiple of `width`, before 1970 too.
maillog::Seconds beginning(maillog::Seconds time, std::int64_t width) {
  const maillog::Seconds rest = time % width;
  return time - (rest < 0 ? rest + width : rest);
}
}  // namespace

void Bins::add(maillog::Seconds time, std::uint64_t count) {
  const maillog::Seconds begin = beginning(time, width_);
  if (!bins_.empty() && bins_.back().first == begin) {
    bins_.back().second += count;
    return;
  }
  const auto at = std::lower_bound(bins_.begin(), bins_.end(), begin, [](const auto& bin, maillog::Seconds wanted) { return bin.first < wanted; });
  if (at != bins_.end() && at->first == begin) at->second += count;
  else bins_.insert(at, {begin, count});
  if (bins_.size() > most) join();
}

/// A day's bins of an hour become four of six hours, then one; then a week's days one, and so on.
void Bins::join() {
  width_ = width_ == 3600 ? 6 * 3600 : width_ == 6 * 3600 ? 24 * 3600 : width_ * 7;
  std::vector<std::pair<maillog::Seconds, std::uint64_t>> joined;
  for (const auto& [begin, count] : bins_) {
    const maillog::Seconds wide = beginning(begin, width_);
    if (!joined.empty() && joined.back().first == wide) joined.back().second += count;
    else joined.push_back({wide, count});
  }
  bins_ = std::move(joined);
}

void Bins::add(const Bins& others) {
  while (width_ < others.width_) join();
  for (const auto& [begin, count] : others.bins_) add(begin, count);
}

}  // namespace mailmedic::log
