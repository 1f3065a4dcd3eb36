#include "tools/log/exhibits.hpp"

#include <fmt/format.h>

#include "checks/log/digest.hpp"
#include "tools/log/times.hpp"

namespace mailmedic::cli {

using log::Counts;
using maillog::Kind;

namespace {

reports::Exhibit totals(const log::Gathered& all) {
  const Counts& counts = all.tally.totals;
  reports::Exhibit out{"Totals", {}};
  if (all.tally.first) out.lines.push_back(fmt::format("from {} to {}", local_text(*all.tally.first), local_text(*all.tally.last)));
  out.lines.push_back(fmt::format("{:>9} messages accepted", counts[Kind::accepted]));
  out.lines.push_back(fmt::format("{:>9} delivered", counts[Kind::delivered]));
  if (counts[Kind::forwarded] > 0) out.lines.push_back(fmt::format("{:>9} forwarded", counts[Kind::forwarded]));
  out.lines.push_back(fmt::format("{:>9} messages deferred, {} times", all.deferred_messages, counts[Kind::deferred]));
  out.lines.push_back(fmt::format("{:>9} bounced", counts[Kind::bounced]));
  if (counts[Kind::expired] > 0) out.lines.push_back(fmt::format("{:>9} given up after their time in the queue", counts[Kind::expired]));
  out.lines.push_back(fmt::format("{:>9} rejected", counts[Kind::rejected]));
  return out;
}

reports::Exhibit causes(const log::Gathered& all, std::size_t top) {
  reports::Exhibit out{"Causes", {}};
  out.lines.push_back(fmt::format("{:>7} {:>6}  {:<8} {:<14} {:<7} {:<16} {:<16} {}", "count", "share", "kind", "class", "trend", "first", "last", "text"));
  for (const log::Group* group : log::largest_groups(all.tally)) {
    if (out.lines.size() > top) break;
    const double share = 100 * log::share(group->count, all.tally.totals[group->kind]);
    const std::string text = group->status.empty() || group->text.find(group->status) != std::string::npos ? group->text : group->status + " " + group->text;
    out.lines.push_back(fmt::format("{:>7} {:>5.1f}%  {:<8} {:<14} {:<7} {:<16} {:<16} {}", group->count, share, maillog::kind_text(group->kind), group->cause_class,
                                    log::trend_text(trend_of(*group, all.tally)), local_text(group->first), local_text(group->last), text.substr(0, 160)));
  }
  return out;
}

reports::Exhibit rows(std::string title, const log::Table& table, std::size_t top) {
  reports::Exhibit out{std::move(title), {}};
  out.lines.push_back(fmt::format("{:>9} {:>9} {:>9} {:>9}", "delivered", "deferred", "bounced", "rejected"));
  for (const log::Row& row : log::largest_rows(table, top)) {
    const Counts& counts = *row.counts;
    out.lines.push_back(fmt::format("{:>9} {:>9} {:>9} {:>9}  {}", counts[Kind::delivered], counts[Kind::deferred], counts[Kind::bounced], counts[Kind::rejected], row.name));
  }
  return out;
}

/// "####====--": delivered, deferred, bounced and rejected, to the scale of the largest bar.
reports::Exhibit histogram(const log::Gathered& all) {
  constexpr std::size_t most_bars = 48, columns = 50;
  const log::Histogram histogram = log::histogram_of(all.tally, most_bars);
  reports::Exhibit out{fmt::format("Over time ({} h a line; # delivered, ~ deferred, ! bounced, x rejected)", histogram.seconds / 3600), {}};
  std::uint64_t most = 1;
  for (const log::Bar& bar : histogram.bars) most = std::max(most, bar.all());
  for (const log::Bar& bar : histogram.bars) {
    std::string drawn;
    const std::pair<std::uint64_t, char> parts[] = {{bar.delivered, '#'}, {bar.deferred, '~'}, {bar.bounced, '!'}, {bar.rejected, 'x'}};
    for (const auto& [count, mark] : parts) {
      const auto size = static_cast<std::size_t>(static_cast<double>(count) * static_cast<double>(columns) / static_cast<double>(most) + 0.5);
      drawn += std::string(count > 0 ? std::max<std::size_t>(1, size) : 0, mark);
    }
    out.lines.push_back(fmt::format("{} {:>8}  {}", local_text(bar.from), bar.all(), drawn));
  }
  return out;
}

}  // namespace

std::vector<reports::Exhibit> log_exhibits(const log::Gathered& all, std::size_t top) {
  std::vector<reports::Exhibit> out{totals(all)};
  if (!all.tally.groups.empty()) out.push_back(causes(all, top));
  if (all.tally.receivers.size() > 0) out.push_back(rows("Receivers", all.tally.receivers, top));
  if (all.senders.size() > 0) out.push_back(rows("Senders", all.senders, top));
  if (all.tally.sources.size() > 0) out.push_back(rows("Own addresses", all.tally.sources, top));
  if (all.tally.clients.size() > 0) out.push_back(rows("Clients that were refused", all.tally.clients, top));
  if (all.tally.first) out.push_back(histogram(all));
  return out;
}

reports::Histogram log_chart(const log::Gathered& all) {
  constexpr std::size_t most_columns = 120;
  const log::Histogram histogram = log::histogram_of(all.tally, most_columns);
  reports::Histogram out{fmt::format("Over time ({} h a column)", histogram.seconds / 3600), {"delivered", "deferred", "bounced", "rejected"}, {}};
  for (const log::Bar& bar : histogram.bars) out.columns.push_back({local_text(bar.from), {bar.delivered, bar.deferred, bar.bounced, bar.rejected}});
  return out;
}

}  // namespace mailmedic::cli
