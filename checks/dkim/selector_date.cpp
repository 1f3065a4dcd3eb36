// A date in a selector's name says when the key was made.
#include <charconv>

#include "checks/dkim/check.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::dkim {

namespace {

int number(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// The last day of "2024", "202406" or "20240615", as far as it is a day of this century.
std::optional<std::chrono::sys_days> last_day(std::string_view digits) {
  using namespace std::chrono;
  const year y{number(digits.substr(0, 4))};
  if (y < year{2004} || y > year{2099}) return std::nullopt;  // DKIM is no older
  const month m{digits.size() < 6 ? 12u : static_cast<unsigned>(number(digits.substr(4, 2)))};
  if (!m.ok()) return std::nullopt;
  if (digits.size() < 8) return sys_days{y / m / last};
  const year_month_day date{y, m, day{static_cast<unsigned>(number(digits.substr(6, 2)))}};
  if (!date.ok()) return std::nullopt;
  return sys_days{date};
}

}  // namespace

std::optional<std::chrono::sys_days> date_in(std::string_view selector) {
  std::string digits;  // of a run that hyphens and underscores may divide into year, month and day
  for (std::size_t at = 0; at <= selector.size(); ++at) {
    const char c = at < selector.size() ? selector[at] : '.';
    const bool divides = (c == '-' || c == '_') && (digits.size() == 4 || digits.size() == 6) && at + 1 < selector.size() && text::is_digit(selector[at + 1]);
    if (text::is_digit(c)) digits += c;
    if (text::is_digit(c) || divides) continue;
    if (digits.size() == 4 || digits.size() == 6 || digits.size() == 8)
      if (const auto day = last_day(digits)) return day;
    digits.clear();
  }
  return std::nullopt;
}

}  // namespace mailmedic::dkim
