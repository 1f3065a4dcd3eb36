#include "checks/mta_sts/policy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/net/address.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::mta_sts {

std::string_view mode_text(Mode mode) { return mode == Mode::enforce ? "enforce" : mode == Mode::testing ? "testing" : "none"; }

namespace {

/// More lines than this are in no policy of 64 KiB that means well.
constexpr std::size_t max_problems = 20;

/// Why a pattern can match no host; empty when it can.
std::string trouble_of(std::string_view pattern) {
  std::string_view host = pattern;
  if (host.starts_with("*.")) host.remove_prefix(2);
  if (net::parse_address(host)) return "an address; only host names are allowed";
  const auto name = dns::Name::parse(host);
  if (!name) return "not a host name: " + name.error().why;
  if (host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") != host.npos)
    return host.find('*') != host.npos ? "a wildcard may stand only in front, as \"*.\"" : "not a host name in its ASCII form";
  if (!name->is_host_name()) return "not a host name";
  return {};
}

class Reader {
 public:
  Policy read(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) {
      policy_.has_bom = true;
      text.remove_prefix(3);
    }
    policy_.is_utf8 = text::is_utf8(text);
    for (const std::string_view line : text::split(text, '\n')) {
      ++number_;
      one(text::trimmed(line));
    }
    return std::move(policy_);
  }

 private:
  LineProblem problem(std::string_view line, std::string why) const { return {number_, std::string(line.substr(0, 200)), std::move(why)}; }

  void one(std::string_view line) {
    if (line.empty()) return;
    const auto colon = line.find(':');
    if (colon == line.npos) {
      if (policy_.bad_lines.size() < max_problems) policy_.bad_lines.push_back(problem(line, "no field: a name, a colon and a value"));
      return;
    }
    field(std::string(text::trimmed(line.substr(0, colon))), std::string(text::trimmed(line.substr(colon + 1))), line);
  }

  /// True for the first of its name.
  bool first(const std::string& name) {
    if (std::find(seen_.begin(), seen_.end(), name) == seen_.end()) {
      seen_.push_back(name);
      return true;
    }
    if (std::find(policy_.repeated.begin(), policy_.repeated.end(), name) == policy_.repeated.end()) policy_.repeated.push_back(name);
    return false;
  }

  void field(const std::string& name, const std::string& value, std::string_view line) {
    if (name == "mx") {
      std::string why = trouble_of(value);
      if (why.empty()) policy_.mx.push_back(text::lower(value));
      else if (policy_.bad_mx.size() < max_problems) policy_.bad_mx.push_back(problem(line, std::move(why)));
    } else if (name == "version") {
      if (!first(name)) return;
      policy_.version = value;
      policy_.version_is_right = value == "STSv1";
    } else if (name == "mode") {
      if (!first(name)) return;
      policy_.mode_written = value;
      for (const Mode mode : {Mode::enforce, Mode::testing, Mode::none})
        if (value == mode_text(mode)) policy_.mode = mode;
    } else if (name == "max_age") {
      if (!first(name)) return;
      policy_.max_age_written = value;
      read_age(value);
    } else if (policy_.extensions.size() < max_problems) {
      policy_.extensions.push_back(name.substr(0, 64));
    }
  }

  void read_age(std::string_view value) {
    std::uint64_t age = 0;
    if (value.empty() || value.size() > 10 || !std::all_of(value.begin(), value.end(), text::is_digit)) return;
    for (const char c : value) age = age * 10 + static_cast<std::uint64_t>(c - '0');
    if (age <= longest_age) policy_.max_age = age;
  }

  Policy policy_;
  std::vector<std::string> seen_;
  std::size_t number_ = 0;
};

}  // namespace

Policy parse_policy(std::string_view text) { return Reader().read(text); }

bool matches(std::string_view pattern, const dns::Name& host) {
  const std::string& name = host.text();
  if (!pattern.starts_with("*.")) return pattern == name;
  const auto dot = name.find('.');
  return dot != std::string::npos && dot > 0 && pattern.substr(1) == std::string_view(name).substr(dot);
}

}  // namespace mailmedic::mta_sts
