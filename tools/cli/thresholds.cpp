#include "tools/cli/thresholds.hpp"

#include <fmt/format.h>

#include <charconv>

namespace mailmedic::cli {

namespace {
template <typename Number>
std::string read(const CommandLine& line, const char* option, Number most, std::optional<Number>& out) {
  if (!line.has(option)) return {};
  const std::string text = line.text(option);
  Number value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || value < 0 || value > most) return fmt::format("--{} {}: give a number from 0 to {}", option, text, most);
  out = value;
  return {};
}
}  // namespace

void add_expiry_options(CommandLine& line) {
  // clang-format off
  line.options().add_options()
      ("warn-days", po::value<std::string>()->value_name("DAYS"), "a warning when a certificate ends within (default: 14, or a quarter of its life)")
      ("critical-days", po::value<std::string>()->value_name("DAYS"), "a problem when a certificate ends within (default: 7, or an eighth of its life)");
  // clang-format on
}

void add_time_options(CommandLine& line) {
  // clang-format off
  line.options().add_options()
      ("warn-time", po::value<std::string>()->value_name("SECONDS"), "a warning when the whole conversation takes longer, as 2.5")
      ("critical-time", po::value<std::string>()->value_name("SECONDS"), "a problem when it takes longer");
  // clang-format on
}

text::Parsed<Thresholds> read_thresholds(const CommandLine& line) {
  Thresholds out;
  for (const std::string& why : {read(line, "warn-days", 3650, out.expiry.warning), read(line, "critical-days", 3650, out.expiry.error),
                                 read(line, "warn-time", 3600.0, out.time.warning), read(line, "critical-time", 3600.0, out.time.error)})
    if (!why.empty()) return text::ParseError{0, why};
  if (out.expiry.warning && out.expiry.error && *out.expiry.warning < *out.expiry.error) return text::ParseError{0, "--warn-days must not be below --critical-days"};
  if (out.time.warning && out.time.error && *out.time.warning > *out.time.error) return text::ParseError{0, "--warn-time must not be above --critical-time"};
  return out;
}

}  // namespace mailmedic::cli
