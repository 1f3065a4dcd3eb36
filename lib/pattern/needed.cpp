#include "lib/pattern/needed.hpp"

#include <algorithm>

#include "lib/text/ascii.hpp"

namespace mailmedic::pattern {

namespace {

using Strings = std::vector<std::string>;

constexpr std::size_t longest_pattern = 1000, most_strings = 16;
constexpr int deepest_group = 20;

/// What a backslash turns into itself.
bool is_mark(char c) { return c > ' ' && c < 0x7f && c != '_' && !text::is_alnum(c); }

std::size_t shortest(const Strings& all) {
  std::size_t out = all.empty() ? 0 : all.front().size();
  for (const std::string& one : all) out = std::min(out, one.size());
  return out;
}

/// How often an item occurs.
enum class Times { once, at_most_once, at_least_once, any };

/// What is known of a part of a pattern.
struct Part {
  Strings all{};     ///< what it may be, all of it; empty: more than can be counted
  Strings needed{};  ///< one of them is in it; empty: unknown
};

/// The strings that a sequence of items may be, as far as they can be counted, and the best of what it needs.
class Sequence {
 public:
  explicit Sequence(std::size_t least) : least_(least) {}

  /// Nothing told: its bytes are unknown.
  void add_unknown() { end_run(); }

  void add(Part item, Times times) {
    if (times == Times::any || times == Times::at_most_once) item.needed.clear();
    if (times == Times::any || item.all.empty()) {
      end_run();
      return consider(std::move(item.needed));
    }
    if (times == Times::at_most_once) item.all.emplace_back();
    if (run_.size() * item.all.size() > most_strings) {
      end_run();
      consider(std::move(item.needed));
      run_.clear();
      run_.emplace_back();
      if (item.all.size() > most_strings) return end_run();
    }
    Strings longer;
    for (const std::string& begun : run_)
      for (const std::string& next : item.all) longer.push_back(begun + next);
    run_ = std::move(longer);
    if (times == Times::at_least_once) end_run();
  }

  /// As a part that is this byte, once.
  void add(char c) {
    for (std::string& begun : run_) begun += c;
  }

  Part end() {
    Part out;
    if (whole_) out.all = run_;
    consider(std::move(run_));
    out.needed = std::move(best_);
    return out;
  }

 private:
  void end_run() {
    consider(std::move(run_));
    run_.assign(1, {});
    whole_ = false;
  }

  void consider(Strings found) {
    if (shortest(found) >= least_ && shortest(found) > shortest(best_)) best_ = std::move(found);
  }

  const std::size_t least_;
  Strings run_{std::string()};  ///< what the items since the last unknown one may be
  bool whole_ = true;           ///< there was no unknown one
  Strings best_;
};

class Reader {
 public:
  Reader(std::string_view pattern, std::size_t least) : rest_(pattern), least_(least) {}

  Needed run() {
    if (rest_.size() > longest_pattern) return {};
    Part whole = alternatives(0);
    if (!good_ || !rest_.empty()) return {};
    const bool enough = !whole.all.empty() && !asserts_ && !whole.needed.empty();
    return {.readable = true, .strings = std::move(enough ? whole.all : whole.needed), .enough = enough};
  }

 private:
  Part alternatives(int depth) {
    Part out = sequence(depth);
    while (good_ && next_is('|')) {
      take();
      Part other = sequence(depth);
      join(out.all, std::move(other.all));
      join(out.needed, std::move(other.needed));
    }
    return out;
  }

  /// Either; nothing is known of both where nothing is known of one.
  static void join(Strings& ours, Strings theirs) {
    if (theirs.empty()) ours.clear();
    if (!ours.empty()) ours.insert(ours.end(), std::make_move_iterator(theirs.begin()), std::make_move_iterator(theirs.end()));
  }

  Part sequence(int depth) {
    Sequence out(least_);
    while (good_ && !rest_.empty() && !next_is('|') && !next_is(')')) item(out, depth);
    return out.end();
  }

  void item(Sequence& out, int depth) {
    const char c = take();
    if (c == '^' || c == '$') return assertion();
    if (c == '(') {
      Part inside = group(depth + 1);
      return out.add(std::move(inside), times(false));
    }
    if (c == '.') return times(true), out.add_unknown();
    if (c == '[') {
      Part one = byte_class();
      return add(out, std::move(one));
    }
    if (c == '\\') return escape(out);
    if (is_one_of(c, "?*+{}]") || c == '\0') return fail();
    literal(out, c);
  }

  void literal(Sequence& out, char c) {
    if (is_repetition()) add(out, {.all = {std::string(1, c)}});
    else out.add(c);
  }

  void escape(Sequence& out) {
    if (rest_.empty()) return fail();
    const char c = take();
    if (c == 'b' || c == 'B') return assertion();
    if (is_mark(c)) return literal(out, c);
    if (c == 'x') {
      const char byte = hex_byte();
      return literal(out, byte);
    }
    if (!is_one_of(c, "dDsSwW")) return fail();
    Part one;
    if (c == 'd')
      for (char digit = '0'; digit <= '9'; ++digit) one.all.emplace_back(1, digit);
    add(out, std::move(one));
  }

  /// Of "\x27", behind the x.
  char hex_byte() {
    const auto digit = [](char c) { return text::is_digit(c) ? c - '0' : text::is_alpha(c) ? text::lower(c) - 'a' + 10 : 16; };
    const int high = rest_.size() < 2 ? 16 : digit(rest_[0]), low = rest_.size() < 2 ? 16 : digit(rest_[1]), byte = high * 16 + low;
    if (high > 15 || low > 15 || byte == 0) return fail(), 'x';
    rest_.remove_prefix(2);
    return static_cast<char>(byte);
  }

  void add(Sequence& out, Part one) {
    const Times how_often = times(true);
    out.add(std::move(one), how_often);
  }

  Part group(int depth) {
    if (rest_.starts_with("?:")) rest_.remove_prefix(2);
    if (depth > deepest_group) fail();
    Part inside = alternatives(depth);
    if (!next_is(')')) fail();
    else take();
    return inside;
  }

  /// Holds between two bytes and takes none.
  void assertion() {
    asserts_ = true;
    if (is_repetition()) fail();
  }

  /// Up to the bracket that closes it: the bytes, where they are few.
  Part byte_class() {
    Part out;
    bool few = !next_is('^');
    if (!few) take();
    for (bool first = true; good_; first = false) {
      if (rest_.empty() || (first && next_is(']'))) break;
      const char c = take();
      if (c == ']') return few && out.all.size() <= most_strings ? out : Part();
      if (c == '\\') {
        const char kind = rest_.empty() ? '\0' : take();
        if (!is_mark(kind) && !is_one_of(kind, "dswDSWx")) break;
        if (kind == 'x' || is_mark(kind)) out.all.emplace_back(1, kind == 'x' ? hex_byte() : kind);
        else few = false;
        if (next_is('-') && !rest_.starts_with("-]")) break;
      } else if (c == '[' || c == '\0' || (c == '-' && !first && !next_is(']'))) {
        break;
      } else if (rest_.size() > 1 && next_is('-') && rest_[1] != ']') {
        const char last = rest_[1];
        if (!text::is_alnum(c) || !text::is_alnum(last) || c > last) break;
        for (int one = c; one <= last; ++one) out.all.emplace_back(1, static_cast<char>(one));
        rest_.remove_prefix(2);
      } else {
        out.all.emplace_back(1, c);
      }
    }
    fail();
    return out;
  }

  /// The repetition behind an item. `counted`: {2,5} may stand there; how often it may stand within another is limited.
  Times times(bool counted) {
    Times out = Times::once;
    if (!is_repetition()) return out;
    if (next_is('{')) {
      out = counted ? count() : (fail(), out);
    } else {
      const char c = take();
      out = c == '?' ? Times::at_most_once : c == '*' ? Times::any : Times::at_least_once;
    }
    if (next_is('?')) take();  // as few as possible
    if (is_repetition()) fail();
    return out;
  }

  Times count() {
    const auto close = rest_.find('}');
    const auto pieces = text::split(close == rest_.npos ? std::string_view() : rest_.substr(1, close - 1), ',');
    const auto is_number = [](std::string_view one) { return !one.empty() && one.size() <= 2 && std::all_of(one.begin(), one.end(), text::is_digit); };
    const auto number = [](std::string_view one) { return one.size() == 1 ? one[0] - '0' : (one[0] - '0') * 10 + one[1] - '0'; };
    const bool open = pieces.size() == 2 && pieces[1].empty();
    if (pieces.size() > 2 || !is_number(pieces[0]) || (pieces.size() == 2 && !open && !is_number(pieces[1]))) fail();
    else if (pieces.size() == 2 && !open && number(pieces[1]) < number(pieces[0])) fail();
    if (!good_) return Times::any;
    rest_.remove_prefix(close + 1);
    return number(pieces[0]) == 0 ? Times::any : Times::at_least_once;
  }

  static bool is_one_of(char c, std::string_view all) { return all.find(c) != all.npos; }
  bool next_is(char c) const { return rest_.starts_with(c); }
  bool is_repetition() const { return !rest_.empty() && is_one_of(rest_.front(), "?*+{"); }
  char take() {
    const char out = rest_.front();
    rest_.remove_prefix(1);
    return out;
  }
  void fail() { good_ = false; }

  std::string_view rest_;
  const std::size_t least_;
  bool good_ = true;
  bool asserts_ = false;  ///< it asks for more than bytes
};

}  // namespace

Needed needed_by(std::string_view pattern, std::size_t least) { return Reader(pattern, least).run(); }

}  // namespace mailmedic::pattern
