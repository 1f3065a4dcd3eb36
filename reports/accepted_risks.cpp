#include "reports/accepted_risks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/text/ascii.hpp"
#include "lib/text/toml.hpp"

namespace mailmedic::reports {

using boost::json::object;

namespace {

bool is_about(std::string_view pattern, std::string_view subject) {
  if (pattern == "*") return true;
  const std::string wanted = text::lower(pattern), given = text::lower(subject);
  if (!wanted.starts_with("*.")) return wanted == given;
  return given.size() >= wanted.size() && given.ends_with(wanted.substr(1));
}

/// "2027-03-01" as TOML's own date or as a string.
std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
  const auto parts = text::split(text, '-');
  if (parts.size() != 3 || parts[0].size() != 4) return std::nullopt;
  int numbers[3] = {};
  for (int i = 0; i < 3; ++i) {
    for (const char c : parts[i]) {
      if (!text::is_digit(c) || parts[i].size() > 4) return std::nullopt;
      numbers[i] = numbers[i] * 10 + (c - '0');
    }
  }
  const std::chrono::year_month_day day{std::chrono::year(numbers[0]), std::chrono::month(numbers[1]), std::chrono::day(numbers[2])};
  if (!day.ok()) return std::nullopt;
  return std::chrono::sys_days(day);
}

/// An error text, or empty.
std::string read_entry(const object& table, Acceptance& out) {
  out.finding = text::string_of(table, "finding");
  out.subject = text::string_of(table, "subject");
  out.reason = text::string_of(table, "reason");
  for (const auto& [word, value] : {std::pair("finding", &out.finding), {"subject", &out.subject}, {"reason", &out.reason}})
    if (value->empty()) return fmt::format("it has no {}", word);
  const std::string until = text::string_of(table, "until");
  const auto day = parse_day(until);
  if (!day) return fmt::format("until = \"{}\" is no date; write one as 2027-03-01", until);
  out.until = *day;
  return {};
}

}  // namespace

std::string day_text(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

text::Parsed<AcceptedRisks> AcceptedRisks::read(const std::string& path) {
  const auto file = text::read_toml(path);
  if (!file) return file.error();
  const auto* value = file->if_contains("accept");
  const boost::json::array* entries = value ? value->if_array() : nullptr;
  if (!entries || file->size() != 1) return text::ParseError{0, fmt::format("{}: it must hold tables [[accept]] and nothing else", path)};
  AcceptedRisks risks;
  for (const auto& entry : *entries) {
    Acceptance acceptance;
    const std::string why = entry.is_object() ? read_entry(entry.get_object(), acceptance) : "it is not a table";
    if (!why.empty()) return text::ParseError{0, fmt::format("{}: [[accept]] number {}: {}", path, risks.all_.size() + 1, why)};
    risks.all_.push_back(std::move(acceptance));
  }
  return risks;
}

const Acceptance* AcceptedRisks::covering(const Finding& finding, TimePoint now) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const Acceptance& one) {
    return one.finding == finding.id && is_about(one.subject, finding.subject) && now < one.until + std::chrono::days(1);
  });
  return found == all_.end() ? nullptr : &*found;
}

const Acceptance* AcceptedRisks::expired(const Finding& finding, TimePoint now) const {
  if (covering(finding, now)) return nullptr;
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const Acceptance& one) { return one.finding == finding.id && is_about(one.subject, finding.subject); });
  return found == all_.end() ? nullptr : &*found;
}

}  // namespace mailmedic::reports
