#include "checks/log/digest.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "lib/text/iso_time.hpp"

namespace mailmedic::log {

namespace json = boost::json;
using maillog::Kind;
using maillog::Seconds;

namespace {

constexpr std::size_t most_bars = 800, most_among = 10;

std::string iso(Seconds time) { return text::iso_time(std::chrono::system_clock::from_time_t(time)); }

const Bins& bins_of(const Tally& tally, Kind kind) { return tally.bins[static_cast<std::size_t>(kind)]; }

Seconds beginning(Seconds time, std::int64_t width) {
  const Seconds rest = time % width;
  return time - (rest < 0 ? rest + width : rest);
}

json::object counts_of(const Counts& counts) {
  return {{"delivered", counts[Kind::delivered]}, {"deferred", counts[Kind::deferred]}, {"bounced", counts[Kind::bounced]}, {"rejected", counts[Kind::rejected]}};
}

json::array rows_of(const Table& table, std::size_t top) {
  json::array out;
  for (const Row& row : largest_rows(table, top)) {
    json::object one{{"name", row.name}};
    for (const auto& [key, value] : counts_of(*row.counts)) one[key] = value;
    out.push_back(std::move(one));
  }
  return out;
}

json::array few_of(const Few& few) {
  json::array out;
  for (const auto& [name, count] : largest_of(few, most_among)) out.push_back({{"name", name}, {"count", count}});
  return out;
}

json::object group_of(const Group& group, const Tally& tally) {
  return {{"kind", maillog::kind_text(group.kind)}, {"class", group.cause_class}, {"status", group.status}, {"reply", group.reply_code},
          {"text", group.text}, {"sample", group.sample}, {"count", group.count}, {"share", share(group.count, tally.totals[group.kind])},
          {"first", iso(group.first)}, {"last", iso(group.last)}, {"trend", trend_text(trend_of(group, tally))},
          {"receivers", few_of(group.receivers)}, {"senders", few_of(group.senders)}};
}

json::object totals_of(const Gathered& all) {
  const Counts& counts = all.tally.totals;
  return {{"messages", counts[Kind::accepted]}, {"delivered", counts[Kind::delivered]}, {"deferred", all.deferred_messages}, {"bounced", counts[Kind::bounced]},
          {"rejected", counts[Kind::rejected]}, {"deferrals", counts[Kind::deferred]}, {"forwarded", counts[Kind::forwarded]}, {"expired", counts[Kind::expired]}};
}

json::object lines_of(const Lines& lines) {
  json::object servers;
  for (int i = 1; i < maillog::servers; ++i)
    if (lines.of_server[static_cast<std::size_t>(i)] > 0) servers[maillog::server_text(static_cast<maillog::Server>(i))] = lines.of_server[static_cast<std::size_t>(i)];
  return {{"all", lines.all}, {"servers", servers}, {"other_programs", lines.other_programs}, {"undated", lines.undated}, {"binary", lines.binary},
          {"too_long", lines.too_long}, {"outside", lines.outside}};
}

}  // namespace

std::string_view trend_text(Trend trend) {
  switch (trend) {
    case Trend::few: return "few";
    case Trend::rising: return "rising";
    case Trend::falling: return "falling";
    case Trend::steady: return "steady";
  }
  return "few";
}

double share(std::uint64_t part, std::uint64_t whole) { return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole); }

Trend trend_of(const Group& group, const Tally& tally) {
  constexpr std::uint64_t few = 10;
  if (group.count < few || !tally.first) return Trend::few;
  // By whole bins, as no more is known.
  const Seconds width = group.bins.width(), begin = beginning(*tally.first, width), end = beginning(*tally.last, width) + width;
  const Seconds late_from = beginning(end - (end - begin) / 3, width);
  if (late_from <= begin) return Trend::steady;
  std::uint64_t late = 0;
  for (const auto& [from, count] : group.bins.all())
    if (from >= late_from) late += count;
  const double late_rate = static_cast<double>(late) / static_cast<double>(end - late_from);
  const double early_rate = static_cast<double>(group.count - late) / static_cast<double>(late_from - begin);
  if (late_rate >= 2 * early_rate) return Trend::rising;
  return 2 * late_rate <= early_rate ? Trend::falling : Trend::steady;
}

std::vector<const Group*> largest_groups(const Tally& tally) {
  std::vector<const Group*> out;
  for (const Group& group : tally.groups) out.push_back(&group);
  const auto before = [](const Group* a, const Group* b) {
    return std::tie(b->count, a->kind, a->status, a->text) < std::tie(a->count, b->kind, b->status, b->text);
  };
  std::sort(out.begin(), out.end(), before);
  return out;
}

std::vector<Row> largest_rows(const Table& table, std::size_t most) {
  std::vector<Row> out;
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table.has_counts(i)) out.push_back({table.name(i), &table.counts(i)});
  const auto before = [](const Row& a, const Row& b) {
    const auto key = [](const Row& row) { return std::pair(row.counts->failures(), (*row.counts)[Kind::delivered]); };
    return key(a) != key(b) ? key(a) > key(b) : a.name < b.name;
  };
  const auto middle = out.begin() + static_cast<std::ptrdiff_t>(std::min(most, out.size()));
  std::partial_sort(out.begin(), middle, out.end(), before);
  out.erase(middle, out.end());
  return out;
}

std::vector<std::pair<std::string, std::uint64_t>> largest_of(const Few& few, std::size_t most) {
  std::vector<std::pair<std::string, std::uint64_t>> out(few.begin(), few.end());
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
  if (out.size() > most) out.resize(most);
  return out;
}

Histogram histogram_of(const Tally& tally, std::size_t most) {
  static constexpr std::pair<Kind, std::uint64_t Bar::*> parts[] = {
      {Kind::delivered, &Bar::delivered}, {Kind::deferred, &Bar::deferred}, {Kind::bounced, &Bar::bounced}, {Kind::rejected, &Bar::rejected}};
  Histogram out;
  for (const auto& [kind, part] : parts) out.seconds = std::max(out.seconds, bins_of(tally, kind).width());
  static constexpr std::int64_t widths[] = {3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600, 30 * 24 * 3600, 365 * 24 * 3600};
  for (const std::int64_t width : widths) {
    if (width < out.seconds) continue;
    out.seconds = width;
    std::set<Seconds> begins;
    for (const auto& [kind, part] : parts)
      for (const auto& [from, count] : bins_of(tally, kind).all()) begins.insert(beginning(from, width));
    if (begins.size() <= most) break;
  }
  std::map<Seconds, Bar> bars;
  for (const auto& [kind, part] : parts)
    for (const auto& [from, count] : bins_of(tally, kind).all()) bars[beginning(from, out.seconds)].*part += count;
  for (auto& [from, bar] : bars) {
    bar.from = from;
    out.bars.push_back(bar);
  }
  return out;
}

json::object facts_of(const Gathered& all, std::size_t top) {
  const Tally& tally = all.tally;
  json::object out{{"totals", totals_of(all)}};
  out["span"] = tally.first ? json::object{{"first", iso(*tally.first)}, {"last", iso(*tally.last)}} : json::object{{"first", nullptr}, {"last", nullptr}};
  json::array groups;
  for (const Group* group : largest_groups(tally)) {
    if (groups.size() == top) break;
    groups.push_back(group_of(*group, tally));
  }
  out["groups"] = std::move(groups);
  out["groups_in_all"] = tally.groups.size();
  json::object classes;
  for (const Group* group : largest_groups(tally)) {
    json::value& of_kind = classes[maillog::kind_text(group->kind)];
    json::object& one = of_kind.is_object() ? of_kind.get_object() : of_kind.emplace_object();
    json::value& count = one[group->cause_class];
    count = (count.is_uint64() ? count.get_uint64() : 0) + group->count;
  }
  out["classes"] = std::move(classes);
  out["receivers"] = rows_of(tally.receivers, top);
  out["senders"] = rows_of(all.senders, top);
  out["sources"] = rows_of(tally.sources, top);
  out["clients"] = rows_of(tally.clients, top);
  const Histogram histogram = histogram_of(tally, most_bars);
  json::array bars;
  for (const Bar& bar : histogram.bars)
    bars.push_back({{"from", iso(bar.from)}, {"delivered", bar.delivered}, {"deferred", bar.deferred}, {"bounced", bar.bounced}, {"rejected", bar.rejected}});
  out["histogram"] = {{"seconds", histogram.seconds}, {"bars", std::move(bars)}};
  out["lines"] = lines_of(all.lines);
  json::array files;
  for (const maillog::FileAccount& file : all.files)
    files.push_back({{"name", file.name}, {"format", unpack::format_text(file.format)}, {"bytes", file.bytes}, {"trouble", file.trouble}});
  out["files"] = std::move(files);
  return out;
}

}  // namespace mailmedic::log
