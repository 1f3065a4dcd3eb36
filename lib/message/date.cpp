#include "lib/message/date.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "lib/text/ascii.hpp"

namespace mailmedic::message {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::string without_comments(std::string_view text) {
  std::string out;
  int depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    else if (c == ')' && depth > 0) --depth;
    else if (depth == 0) out += c == ',' ? ' ' : c;
  }
  return out;
}

/// Decimal digits alone, as many as allowed.
std::optional<int> number(std::string_view text, std::size_t least, std::size_t most) {
  if (text.size() < least || text.size() > most || !std::all_of(text.begin(), text.end(), text::is_digit)) return std::nullopt;
  int out = 0;
  for (const char c : text) out = out * 10 + (c - '0');
  return out;
}

template <std::size_t n>
std::optional<int> place_of(std::string_view word, const std::array<std::string_view, n>& words) {
  for (std::size_t i = 0; i < n; ++i)
    if (text::equals_ignoring_case(word, words[i])) return static_cast<int>(i);
  return std::nullopt;
}

std::optional<seconds> time_of_day(std::string_view word) {
  const auto pieces = text::split(word, ':');
  if (pieces.size() < 2 || pieces.size() > 3) return std::nullopt;
  const auto hour = number(pieces[0], 1, 2), minute = number(pieces[1], 2, 2);
  const auto second = pieces.size() == 3 ? number(pieces[2], 2, 2) : std::optional<int>(0);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return seconds(*hour * 3600 + *minute * 60 + *second);
}

/// RFC 5322 section 4.3: a zone that nobody knows means -0000.
std::optional<minutes> zone(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, int>, 10> names = {{{"UT", 0}, {"GMT", 0}, {"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}}};
  if (word.starts_with('+') || word.starts_with('-')) {
    const auto digits = number(word.substr(1), 4, 4);
    if (!digits || *digits % 100 > 59) return std::nullopt;
    const int total = *digits / 100 * 60 + *digits % 100;
    return minutes(word.front() == '-' ? -total : total);
  }
  for (const auto& [name, hours] : names)
    if (text::equals_ignoring_case(word, name)) return minutes(hours * 60);
  return std::all_of(word.begin(), word.end(), text::is_alpha) ? std::optional<minutes>(0) : std::nullopt;
}

}  // namespace

std::optional<std::chrono::sys_seconds> read_date(std::string_view text) {
  constexpr std::array<std::string_view, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string bare = without_comments(text.substr(0, 200));
  auto words = text::words(bare);
  if (!words.empty() && place_of(words.front(), days)) words.erase(words.begin());
  if (words.size() < 4 || words.size() > 5) return std::nullopt;
  const auto day = number(words[0], 1, 2), month = place_of(words[1], months);
  auto year = number(words[2], 2, 4);
  const auto time = time_of_day(words[3]);
  const auto offset = words.size() == 5 ? zone(words[4]) : std::optional<minutes>();
  if (!day || !month || !year || !time || !offset) return std::nullopt;
  if (words[2].size() == 2) *year += *year < 50 ? 2000 : 1900;
  if (words[2].size() == 3) *year += 1900;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month) + 1), std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *year < 1900) return std::nullopt;
  return std::chrono::sys_days(date) + *time - *offset;
}

}  // namespace mailmedic::message
