#include "tools/log/times.hpp"

#include <fmt/format.h>

#include <charconv>
#include <ctime>

#include "lib/text/ascii.hpp"

namespace mailmedic::cli {

using maillog::Seconds;

namespace {

std::tm local_fields(Seconds time) {
  const std::time_t seconds = time;
  std::tm fields{};
  localtime_r(&seconds, &fields);
  return fields;
}

Seconds midnight(Seconds time, int days_back) {
  std::tm fields = local_fields(time);
  fields.tm_mday -= days_back;
  fields.tm_hour = fields.tm_min = fields.tm_sec = 0;
  fields.tm_isdst = -1;
  return std::mktime(&fields);
}

/// "90m": seconds, or nothing.
std::optional<Seconds> parse_length(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const Seconds unit = text.back() == 's' ? 1 : text.back() == 'm' ? 60 : text.back() == 'h' ? 3600 : text.back() == 'd' ? 86'400 : text.back() == 'w' ? 7 * 86'400 : 0;
  Seconds count = 0;
  const char* end = text.data() + text.size() - 1;
  const auto [stopped, wrong] = std::from_chars(text.data(), end, count);
  if (unit == 0 || wrong != std::errc() || stopped != end || count < 0 || count > 1'000'000) return std::nullopt;
  return count * unit;
}

}  // namespace

std::optional<Seconds> parse_moment(std::string_view text, std::chrono::system_clock::time_point now) {
  const Seconds here = std::chrono::system_clock::to_time_t(now);
  if (text == "now") return here;
  if (text == "today") return midnight(here, 0);
  if (text == "yesterday") return midnight(here, 1);
  if (const auto length = parse_length(text)) return here - *length;
  std::string whole(text);
  if (whole.size() == 10) whole += " 00:00:00";
  else if (whole.size() == 16) whole += ":00";
  const auto stamp = maillog::StampReader(now).read(whole);
  if (!stamp || !text::is_digit(whole.front()) || stamp->size != whole.size()) return std::nullopt;
  return stamp->time;
}

std::string local_text(Seconds time) {
  const std::tm fields = local_fields(time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday, fields.tm_hour, fields.tm_min);
}

}  // namespace mailmedic::cli
