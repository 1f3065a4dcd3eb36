#include "tools/log/suppression.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/text/iso_time.hpp"
#include "reports/csv.hpp"

namespace mailmedic::cli {

namespace {
std::string iso(maillog::Seconds time) { return text::iso_time(std::chrono::system_clock::from_time_t(time)); }
}  // namespace

std::string suppression_table(const log::Tally& tally) {
  std::vector<const std::pair<const std::string, log::HardBounce>*> rows;
  for (const auto& row : tally.hard) rows.push_back(&row);
  std::sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  std::string out = "address,class,status,reply,count,first,last,text\r\n";
  for (const auto* row : rows) {
    const log::HardBounce& bounce = row->second;
    const log::Group& group = tally.groups[bounce.group];
    out += fmt::format("{},{},{},{},{},{},{},{}\r\n", reports::csv_cell(row->first), group.cause_class, reports::csv_cell(group.status), reports::csv_cell(group.reply_code), bounce.count,
                       iso(bounce.first), iso(bounce.last), reports::csv_cell(group.text));
  }
  return out;
}

}  // namespace mailmedic::cli
