#include "reports/phrase_book.hpp"

#include <algorithm>

#include "lib/text/ascii.hpp"
#include "reports/catalogue.hpp"

namespace mailmedic::reports {

namespace {

/// May `value` stand in place of a name, although no phrase fits it? What a server said must not be taken for a sentence of ours
/// ("the mailbox does not exist"), so a name stands for one word, those of hosts for such names alone, and {what} for phrases only.
bool may_stand(std::string_view name, std::string_view value) {
  static constexpr std::string_view any[] = {"ds", "file", "hosts", "line", "messages", "names", "record", "records", "reply", "source", "tags", "term", "text", "versions", "where", "why"};
  static constexpr std::string_view host[] = {"domain", "host", "server", "zone"};
  if (name == "what") return false;
  if (std::find(std::begin(any), std::end(any), name) != std::end(any)) return true;
  if (value.find(' ') != std::string_view::npos) return false;
  if (std::find(std::begin(host), std::end(host), name) == std::end(host)) return true;
  return value.find_first_of("@<>\"'") == std::string_view::npos && value.find_first_of(".:") != std::string_view::npos;
}

}  // namespace

void PhraseBook::add(std::string_view english, std::string_view chinese) {
  Pattern pattern{.literals = {}, .names = {}, .chinese = std::string(chinese), .told = 0};
  const std::string_view all = english;
  for (auto open = english.find('{'); open != std::string_view::npos;) {
    const std::string_view name = english.substr(open + 1, english.find('}', open) - open - 1);
    if (name.empty() || !std::all_of(name.begin(), name.end(), text::is_alpha) || open + name.size() + 1 == english.size()) {
      open = english.find('{', open + 1);  // a brace, no name
      continue;
    }
    pattern.literals.emplace_back(english.substr(0, open));
    pattern.names.emplace_back(name);
    english.remove_prefix(open + name.size() + 2);
    open = english.find('{');
  }
  if (pattern.names.empty()) {
    whole_.emplace(all, chinese);
    return;
  }
  pattern.literals.emplace_back(english);
  for (const std::string& literal : pattern.literals) pattern.told += literal.size();
  const auto at = std::find_if(patterns_.begin(), patterns_.end(), [&](const Pattern& other) { return other.told < pattern.told; });
  patterns_.insert(at, std::move(pattern));
}

/// What stands in the place of each name: as little as possible, and never nothing.
std::optional<std::vector<std::string_view>> PhraseBook::matched(const Pattern& pattern, std::string_view text) {
  const std::string &first = pattern.literals.front(), &last = pattern.literals.back();
  if (text.size() <= first.size() + last.size() || !text.starts_with(first) || !text.ends_with(last)) return std::nullopt;
  text = text.substr(first.size(), text.size() - first.size() - last.size());
  std::vector<std::string_view> values;
  for (std::size_t i = 1; i + 1 < pattern.literals.size(); ++i) {
    const auto at = text.find(pattern.literals[i], 1);
    if (at == std::string_view::npos) return std::nullopt;
    values.push_back(text.substr(0, at));
    text.remove_prefix(at + pattern.literals[i].size());
  }
  if (text.empty()) return std::nullopt;
  values.push_back(text);
  return values;
}

std::optional<std::string> PhraseBook::chinese(std::string_view english, const PhraseBook* more, int depth) const {
  constexpr std::size_t longest = 2000;
  constexpr int deepest = 4;
  if (english.size() > longest || depth > deepest) return std::nullopt;
  for (const PhraseBook* book : {this, more}) {
    if (!book) continue;
    if (const auto found = book->whole_.find(english); found != book->whole_.end()) return found->second;
    for (const Pattern& pattern : book->patterns_) {
      const auto values = matched(pattern, english);
      if (!values) continue;
      Args args;
      for (std::size_t i = 0; i < values->size(); ++i) {
        auto phrase = chinese((*values)[i], more, depth + 1);
        if (!phrase && !may_stand(pattern.names[i], (*values)[i])) break;
        args.emplace_back(pattern.names[i], phrase ? std::move(*phrase) : std::string((*values)[i]));
      }
      if (args.size() == values->size()) return filled(pattern.chinese, args);
    }
  }
  // Several phrases in a row, if each is one.
  const auto between = english.find("; ");
  if (between == std::string_view::npos) return std::nullopt;
  const auto first = chinese(english.substr(0, between), more, depth + 1), rest = chinese(english.substr(between + 2), more, depth + 1);
  return first && rest ? std::optional(*first + "；" + *rest) : std::nullopt;
}

}  // namespace mailmedic::reports
