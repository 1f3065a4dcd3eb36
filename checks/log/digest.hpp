#pragma once
// What of the counts is shown: the largest groups and names, shares, trends; and as JSON.
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "checks/log/gather.hpp"

namespace mailmedic::log {

enum class Trend { few, rising, falling, steady };
std::string_view trend_text(Trend trend);  ///< "rising"

/// Compares the last third of the span with what was before; `few` below ten events.
Trend trend_of(const Group& group, const Tally& tally);

/// The groups, the largest first.
std::vector<const Group*> largest_groups(const Tally& tally);

struct Row {
  std::string_view name;
  const Counts* counts = nullptr;
};
/// The names with the most failures, then the most deliveries.
std::vector<Row> largest_rows(const Table& table, std::size_t most);
/// The largest of a few, "(others)" last.
std::vector<std::pair<std::string, std::uint64_t>> largest_of(const Few& few, std::size_t most);

/// One bar of the histogram.
struct Bar {
  maillog::Seconds from = 0;
  std::uint64_t delivered = 0, deferred = 0, bounced = 0, rejected = 0;
  std::uint64_t all() const { return delivered + deferred + bounced + rejected; }
};
struct Histogram {
  std::int64_t seconds = 3600;  ///< width of a bar
  std::vector<Bar> bars;        ///< in order; times without events are left out
};
/// At most `most` bars.
Histogram histogram_of(const Tally& tally, std::size_t most);

/// Share of `part` in `whole`, 0 to 1.
double share(std::uint64_t part, std::uint64_t whole);

/// The facts of the tool `log`; at most `top` groups and names each.
boost::json::object facts_of(const Gathered& all, std::size_t top);

}  // namespace mailmedic::log
