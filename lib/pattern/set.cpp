#include "lib/pattern/set.hpp"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "lib/pattern/literals.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::pattern {

namespace {

RE2::Options options() {
  RE2::Options out;
  out.set_case_sensitive(false);
  out.set_never_capture(true);
  out.set_encoding(RE2::Options::EncodingLatin1);
  out.set_log_errors(false);
  return out;
}

/// What a backslash turns into itself.
bool is_mark(char c) { return c > ' ' && c < 0x7f && c != '_' && !text::is_alnum(c); }

/// The string that a pattern without operators stands for; nothing where there are some, or where it is too short.
std::optional<std::string> plain_text(std::string_view pattern) {
  constexpr std::string_view operators = ".^$|?*+()[]{}";
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (operators.find(c) != operators.npos || c == '\0') return std::nullopt;
    if (c == '\\') {
      if (++i == pattern.size() || !is_mark(pattern[i])) return std::nullopt;  // \b and its like
      c = pattern[i];
    }
    out += c;
  }
  return out.size() >= Literals::least_length ? std::optional(out) : std::nullopt;
}

}  // namespace

struct Set::Parts {
  re2::FilteredRE2 filter{static_cast<int>(Literals::least_length)};
  std::vector<int> filter_numbers;  ///< which of ours the filter's patterns are
  std::vector<std::string> plain;   ///< patterns that are mere strings: to build an automaton of each takes long
  std::vector<int> plain_numbers;
  std::optional<Literals> literals;  ///< the filter's, then the plain ones
  std::size_t atoms = 0;
  int count = 0;
};

Set::Set() : parts_(std::make_unique<Parts>()) {}
Set::Set(Set&&) noexcept = default;
Set& Set::operator=(Set&&) noexcept = default;
Set::~Set() = default;

std::string Set::add(std::string_view pattern) {
  if (auto plain = plain_text(pattern)) {
    parts_->plain.push_back(std::move(*plain));
    parts_->plain_numbers.push_back(parts_->count++);
    return {};
  }
  const re2::StringPiece piece(pattern.data(), pattern.size());
  int number = 0;
  if (parts_->filter.Add(piece, options(), &number) != RE2::NoError) return RE2(piece, options()).error();
  parts_->filter_numbers.push_back(parts_->count++);
  return {};
}

void Set::compile() {
  std::vector<std::string> strings;
  if (!parts_->filter_numbers.empty()) parts_->filter.Compile(&strings);
  parts_->atoms = strings.size();
  strings.insert(strings.end(), parts_->plain.begin(), parts_->plain.end());
  parts_->literals.emplace(strings);
}

std::size_t Set::size() const { return static_cast<std::size_t>(parts_->count); }

std::vector<int> Set::match(std::string_view text) const {
  if (parts_->count == 0) return {};
  const std::string_view cut = text.substr(0, max_text);
  std::vector<int> out, atoms;
  for (const int found : parts_->literals->found_in(cut)) {
    const auto number = static_cast<std::size_t>(found);
    if (number < parts_->atoms) atoms.push_back(found);
    else out.push_back(parts_->plain_numbers[number - parts_->atoms]);
  }
  std::vector<int> filtered;
  if (!parts_->filter_numbers.empty()) parts_->filter.AllMatches(re2::StringPiece(cut.data(), cut.size()), atoms, &filtered);
  for (const int number : filtered) out.push_back(parts_->filter_numbers[static_cast<std::size_t>(number)]);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace mailmedic::pattern
