#include "lib/pattern/set.hpp"

#include <re2/filtered_re2.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <thread>

#include "lib/pattern/engine.hpp"
#include "lib/pattern/literals.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::pattern {

namespace {

RE2::Options options() {
  RE2::Options out = engine_options();
  out.set_never_capture(true);
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

/// Patterns that are compiled together, by a thread of their own where there are many.
struct Shard {
  re2::FilteredRE2 filter{static_cast<int>(Literals::least_length)};
  std::vector<std::pair<int, std::string>> wanted;  ///< numbers and patterns, until they are compiled
  std::vector<int> numbers;                         ///< which of the set's the filter's patterns are
  std::vector<std::string> atoms;                   ///< strings that they cannot do without
  std::size_t first_atom = 0;                       ///< where they begin among the set's literals
  Set::Wrong wrong;

  void compile() {
    for (const auto& [number, pattern] : wanted) {
      int ignored = 0;
      if (filter.Add(pattern, options(), &ignored) != RE2::NoError) {
        wrong = {number, RE2(pattern, options()).error()};
        return;
      }
      numbers.push_back(number);
    }
    if (!numbers.empty()) filter.Compile(&atoms);
    wanted.clear();
  }

  void candidates(const std::vector<int>& found, std::vector<int>& out) const {
    if (numbers.empty()) return;
    std::vector<int> own, passed;
    for (const int literal : found)
      if (const auto at = static_cast<std::size_t>(literal); at >= first_atom && at < first_atom + atoms.size()) own.push_back(static_cast<int>(at - first_atom));
    filter.AllPotentials(own, &passed);
    for (const int number : passed) out.push_back(numbers[static_cast<std::size_t>(number)]);
  }
};

}  // namespace

struct Set::Parts {
  std::vector<std::pair<int, std::string>> wanted;  ///< until they are compiled
  std::deque<Shard> shards;
  std::vector<std::string> plain;    ///< patterns that are mere strings: to build an automaton of each takes long
  std::vector<int> plain_numbers;
  std::optional<Literals> literals;  ///< the shards', then the plain ones
  std::size_t first_plain = 0;
  std::vector<const RE2*> expressions;  ///< of each pattern; null: a plain string, whose presence is all
  int count = 0;
};

Set::Set() : parts_(std::make_unique<Parts>()) {}
Set::Set(Set&&) noexcept = default;
Set& Set::operator=(Set&&) noexcept = default;
Set::~Set() = default;

void Set::add(std::string_view pattern) {
  const int number = parts_->count++;
  if (auto plain = plain_text(pattern)) {
    parts_->plain.push_back(std::move(*plain));
    parts_->plain_numbers.push_back(number);
  } else {
    parts_->wanted.emplace_back(number, pattern);
  }
}

Set::Wrong Set::compile() {
  Parts& parts = *parts_;
  const std::size_t threads = parts.wanted.size() < 100 ? 1 : std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4);
  for (std::size_t i = 0; i < threads; ++i) parts.shards.emplace_back();
  for (std::size_t i = 0; i < parts.wanted.size(); ++i) parts.shards[i % threads].wanted.push_back(std::move(parts.wanted[i]));
  parts.wanted.clear();
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back([&shard = parts.shards[i]] { shard.compile(); });
    parts.shards.front().compile();
  }
  std::vector<std::string> strings;
  Wrong wrong;
  parts.expressions.resize(size(), nullptr);
  for (Shard& shard : parts.shards) {
    if (!shard.wrong.why.empty() && (wrong.why.empty() || shard.wrong.number < wrong.number)) wrong = shard.wrong;
    for (std::size_t i = 0; i < shard.numbers.size(); ++i) parts.expressions[static_cast<std::size_t>(shard.numbers[i])] = &shard.filter.GetRE2(static_cast<int>(i));
    shard.first_atom = strings.size();
    strings.insert(strings.end(), shard.atoms.begin(), shard.atoms.end());
  }
  parts.first_plain = strings.size();
  strings.insert(strings.end(), parts.plain.begin(), parts.plain.end());
  parts.literals.emplace(strings);
  return wrong;
}

std::size_t Set::size() const { return static_cast<std::size_t>(parts_->count); }

std::vector<int> Set::candidates(std::string_view text) const {
  if (parts_->count == 0) return {};
  const std::vector<int> found = parts_->literals->found_in(text.substr(0, max_text));
  std::vector<int> out;
  for (const Shard& shard : parts_->shards) shard.candidates(found, out);
  for (const int literal : found)
    if (const auto at = static_cast<std::size_t>(literal); at >= parts_->first_plain) out.push_back(parts_->plain_numbers[at - parts_->first_plain]);
  std::sort(out.begin(), out.end());
  return out;
}

bool Set::occurs(int number, std::string_view text) const {
  const RE2* expression = parts_->expressions[static_cast<std::size_t>(number)];
  const std::string_view cut = text.substr(0, max_text);
  return !expression || RE2::PartialMatch(re2::StringPiece(cut.data(), cut.size()), *expression);
}

std::vector<int> Set::match(std::string_view text) const {
  std::vector<int> out = candidates(text);
  std::erase_if(out, [&](int number) { return !occurs(number, text); });
  return out;
}

}  // namespace mailmedic::pattern
