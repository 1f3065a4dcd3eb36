#include "lib/pattern/set.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>

#include "lib/pattern/engine.hpp"
#include "lib/pattern/literals.hpp"
#include "lib/pattern/needed.hpp"

namespace mailmedic::pattern {

namespace {

RE2::Options options() {
  RE2::Options out = engine_options();
  out.set_never_capture(true);
  return out;
}

/// One pattern. Its automaton is built when a text first asks for it: of hundreds few are ever wanted.
class Expression {
 public:
  explicit Expression(std::string_view pattern) : pattern_(pattern) {}

  /// The engine's words; empty: it can be read.
  std::string error() const { return engine().ok() ? std::string() : engine().error(); }

  bool occurs_in(std::string_view text) const { return engine().ok() && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), engine()); }

 private:
  const RE2& engine() const {
    std::call_once(built_, [this] { engine_.emplace(pattern_, options()); });
    return *engine_;
  }

  const std::string pattern_;
  mutable std::once_flag built_;
  mutable std::optional<RE2> engine_;
};

}  // namespace

struct Set::Parts {
  std::deque<Expression> expressions;
  std::vector<bool> enough;          ///< of each pattern: one of its strings is all that it asks for
  std::vector<std::string> strings;  ///< of which patterns need one, until they are compiled
  std::vector<int> needing;          ///< the pattern of each string
  std::vector<int> always;           ///< patterns that need none
  std::optional<Literals> literals;
  Wrong wrong;
};

Set::Set() : parts_(std::make_unique<Parts>()) {}
Set::Set(Set&&) noexcept = default;
Set& Set::operator=(Set&&) noexcept = default;
Set::~Set() = default;

void Set::add(std::string_view pattern) {
  const int number = static_cast<int>(size());
  const Expression& expression = parts_->expressions.emplace_back(pattern);
  Needed needed = needed_by(pattern, Literals::least_length);
  parts_->enough.push_back(needed.enough);
  if (!needed.readable && parts_->wrong.why.empty())
    if (std::string why = expression.error(); !why.empty()) parts_->wrong = {number, std::move(why)};
  if (needed.strings.empty()) parts_->always.push_back(number);
  for (std::string& one : needed.strings) {
    parts_->strings.push_back(std::move(one));
    parts_->needing.push_back(number);
  }
}

Set::Wrong Set::compile() {
  parts_->literals.emplace(parts_->strings);
  parts_->strings.clear();
  return parts_->wrong;
}

std::size_t Set::size() const { return parts_->expressions.size(); }

std::vector<int> Set::candidates(std::string_view text) const {
  std::vector<int> out = parts_->always;
  for (const int literal : parts_->literals->found_in(text.substr(0, max_text))) out.push_back(parts_->needing[static_cast<std::size_t>(literal)]);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool Set::occurs(int number, std::string_view text) const {
  const auto at = static_cast<std::size_t>(number);
  return parts_->enough[at] || parts_->expressions[at].occurs_in(text.substr(0, max_text));
}

std::vector<int> Set::match(std::string_view text) const {
  std::vector<int> out = candidates(text);
  std::erase_if(out, [&](int number) { return !occurs(number, text); });
  return out;
}

}  // namespace mailmedic::pattern
