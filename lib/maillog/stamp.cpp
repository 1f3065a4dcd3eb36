#include <cstring>
#include <ctime>

#include "lib/maillog/line.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::maillog {

namespace {

constexpr Seconds day = 86400;

/// Days from 1970-01-01 in the Gregorian calendar.
Seconds days_of(int year, int month, int day_of_month) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)), std::chrono::day(static_cast<unsigned>(day_of_month))};
  return std::chrono::sys_days(date).time_since_epoch().count();
}

/// Two digits, or -1.
int two_digits(const char* at) { return text::is_digit(at[0]) && text::is_digit(at[1]) ? (at[0] - '0') * 10 + (at[1] - '0') : -1; }

int month_of(const char* at) {
  static constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (std::size_t i = 0; i < names.size(); i += 3)
    if (std::memcmp(at, names.data() + i, 3) == 0) return static_cast<int>(i / 3) + 1;
  return 0;
}

/// An hour's beginning by this machine's clock, in UTC.
Seconds from_local(int year, int month, int day_of_month, int hour) {
  std::tm fields{};
  fields.tm_year = year - 1900;
  fields.tm_mon = month - 1;
  fields.tm_mday = day_of_month;
  fields.tm_hour = hour;
  fields.tm_isdst = -1;
  return std::mktime(&fields);
}

/// "38" or "38.123456" at `at`: how many bytes a fraction takes.
std::size_t fraction_size(std::string_view text, std::size_t at) {
  if (at >= text.size() || (text[at] != '.' && text[at] != ',')) return 0;
  std::size_t end = at + 1;
  while (end < text.size() && text::is_digit(text[end])) ++end;
  return end - at;
}

struct Zone {
  Seconds offset = 0;
  std::size_t size = 0;
};

/// "Z", "+01:00" or "+0100" at the start of `text`.
std::optional<Zone> zone_at(std::string_view text) {
  if (text.starts_with('Z')) return Zone{0, 1};
  if (text.size() < 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const bool colon = text[3] == ':';
  if (colon && text.size() < 6) return std::nullopt;
  const int hours = two_digits(text.data() + 1), minutes = two_digits(text.data() + (colon ? 4 : 3));
  if (hours < 0 || minutes < 0) return std::nullopt;
  const Seconds offset = hours * 3600 + minutes * 60;
  return Zone{text[0] == '-' ? -offset : offset, colon ? 6u : 5u};
}

}  // namespace

StampReader::StampReader(std::chrono::system_clock::time_point newest) : newest_(std::chrono::system_clock::to_time_t(newest)) {
  const std::time_t seconds = newest_;
  std::tm fields{};
  localtime_r(&seconds, &fields);
  year_ = fields.tm_year + 1900;
}

std::optional<Stamp> StampReader::read(std::string_view text) {
  if (text.size() < 15) return std::nullopt;
  return text::is_digit(text[0]) ? read_iso(text) : read_traditional(text);
}

std::optional<Stamp> StampReader::read_traditional(std::string_view text) {
  const char* at = text.data();
  if (at[3] != ' ' || at[6] != ' ' || at[9] != ':' || at[12] != ':') return std::nullopt;
  const int minute = two_digits(at + 10), second = two_digits(at + 13);
  if (minute < 0 || minute > 59 || second < 0 || second > 60) return std::nullopt;
  if (std::memcmp(traditional_hour_, at, sizeof traditional_hour_) != 0) {
    const int month = month_of(at), hour = two_digits(at + 7);
    const int day_of_month = at[4] == ' ' ? (text::is_digit(at[5]) ? at[5] - '0' : -1) : two_digits(at + 4);
    if (month == 0 || hour < 0 || hour > 23 || day_of_month < 1 || day_of_month > 31) return std::nullopt;
    int year = year_;
    while (days_of(year, month, day_of_month) * day > newest_ + 2 * day) --year;
    // The 29th of February is of the last leap year.
    while (!std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)), std::chrono::day(static_cast<unsigned>(day_of_month))).ok() && year > year_ - 9) --year;
    traditional_base_ = from_local(year, month, day_of_month, hour);
    std::memcpy(traditional_hour_, at, sizeof traditional_hour_);
  }
  return Stamp{traditional_base_ + minute * 60 + second, 15 + fraction_size(text, 15), false};
}

std::optional<Stamp> StampReader::read_iso(std::string_view text) {
  const char* at = text.data();
  if (text.size() < 19 || at[4] != '-' || at[7] != '-' || (at[10] != 'T' && at[10] != ' ') || at[13] != ':' || at[16] != ':') return std::nullopt;
  const int century = two_digits(at), years = two_digits(at + 2), month = two_digits(at + 5), day_of_month = two_digits(at + 8);
  const int hour = two_digits(at + 11), minute = two_digits(at + 14), second = two_digits(at + 17);
  if (century < 0 || years < 0 || month < 1 || month > 12 || day_of_month < 1 || day_of_month > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return std::nullopt;
  Stamp stamp{0, 19 + fraction_size(text, 19), at[10] == ' '};
  const std::size_t gap = stamp.with_space && stamp.size < text.size() && text[stamp.size] == ' ' ? 1 : 0;
  const int year = century * 100 + years;
  if (const auto zone = zone_at(text.substr(stamp.size + gap))) {
    stamp.time = days_of(year, month, day_of_month) * day + hour * 3600 - zone->offset;
    stamp.size += gap + zone->size;
  } else {
    if (std::memcmp(iso_hour_, at, sizeof iso_hour_) != 0) {
      iso_base_ = from_local(year, month, day_of_month, hour);
      std::memcpy(iso_hour_, at, sizeof iso_hour_);
    }
    stamp.time = iso_base_;
  }
  stamp.time += minute * 60 + second;
  return stamp;
}

}  // namespace mailmedic::maillog
