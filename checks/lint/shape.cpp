// What the parts are together: plain text and HTML, how many, how deep, how large.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "checks/lint/parts.hpp"
#include "checks/lint/text_of.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::lint {

namespace {

using message::Entity;

void judge_alternatives(const Letter& letter, CheckReport& report) {
  const auto& all = letter.structure.entities;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].type != "multipart/alternative") continue;
    const auto is_child = [&](std::string_view type) {
      return std::find_if(all.begin(), all.end(), [&](const Entity& one) { return &one != &all[i] && one.parent == i && one.type == type; });
    };
    const auto plain = is_child("text/plain"), html = is_child("text/html");
    if (plain != all.end() && html < plain) return add(report, "lint.alternative-order", {}, "multipart/alternative", "text/html stands in front of text/plain");
  }
  if (letter.has_html && !letter.has_plain) add(report, "lint.html-only", {}, "parts", "a text/html part, no text/plain part");
}

std::set<std::string> words_of(std::string_view text) {
  std::set<std::string> out;
  constexpr std::size_t enough = 5000, shortest = 4;
  std::string word;
  for (const char c : text) {
    if (text::is_alnum(c) || static_cast<unsigned char>(c) > 127) {
      word += text::lower(c);
      continue;
    }
    if (word.size() >= shortest && word.size() < 40) out.insert(word);
    word.clear();
    if (out.size() == enough) break;
  }
  if (word.size() >= shortest) out.insert(word);
  return out;
}

/// Do the two say something else? Words of the plain text that the HTML has not. Texts without spaces (Chinese) make few
/// words, and are left alone.
void judge_difference(const Letter& letter, CheckReport& report) {
  constexpr std::size_t least_words = 20;
  if (!letter.has_html || !letter.has_plain || letter.document.cut) return;
  const auto plain = words_of(letter.plain), html = words_of(text_of(letter.document));
  if (plain.size() < least_words || html.size() < least_words) return;
  const auto common = static_cast<std::size_t>(std::count_if(plain.begin(), plain.end(), [&](const auto& word) { return html.contains(word); }));
  const std::size_t percent = common * 100 / std::min(plain.size(), html.size());
  if (percent < 25) add(report, "lint.alternative-differs", {{"percent", std::to_string(percent)}}, "text/plain and text/html", fmt::format("{} different words in the text, {} in the HTML, {} in both", plain.size(), html.size(), common));
}

void judge_size(const Letter& letter, CheckReport& report) {
  constexpr std::size_t many_parts = 100, deep = 10, postfix_limit = 10'240'000, mib = 1024 * 1024;
  const auto& all = letter.structure.entities;
  const std::size_t depth = std::max_element(all.begin(), all.end(), [](const Entity& a, const Entity& b) { return a.depth < b.depth; })->depth;
  if (all.size() > many_parts || depth > deep || letter.structure.cut)
    add(report, "lint.many-parts", {{"parts", std::to_string(all.size())}, {"depth", std::to_string(depth)}}, "parts", fmt::format("{}{} parts, {} levels", letter.structure.cut ? "more than " : "", all.size(), depth));
  if (letter.text.size() <= postfix_limit) return;
  struct Receiver {
    std::string_view name;
    std::size_t mebibytes;
  };
  // Of a message as it is transferred, attachments encoded
  constexpr Receiver receivers[] = {{"iCloud", 20}, {"Gmail", 25}, {"Yahoo", 25}, {"Outlook.com", 25}, {"Microsoft 365 (default)", 36}, {"QQ", 50}, {"NetEase", 50}};
  std::vector<std::string> refusing{"servers with Postfix's default (10240000 bytes)"};
  for (const Receiver& one : receivers)
    if (letter.text.size() > one.mebibytes * mib) refusing.push_back(fmt::format("{} ({} MiB)", one.name, one.mebibytes));
  add(report, "lint.large", {{"mib", fmt::format("{:.1f}", static_cast<double>(letter.text.size()) / static_cast<double>(mib))}, {"receivers", text::joined(refusing, ", ")}}, "message", fmt::format("{} bytes", letter.text.size()));
}

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return text::is_space(c); });
}

/// No word at all, or nothing but links.
void judge_content(const Letter& letter, CheckReport& report) {
  const auto is_other = [](const Entity& one) { return !one.is_multipart() && (!one.is_text() || one.is_attached()); };
  if (std::any_of(letter.structure.entities.begin(), letter.structure.entities.end(), is_other) || letter.document.cut) return;
  const std::string seen = letter.has_plain && !is_blank(letter.plain) ? letter.plain : letter.has_html ? text_of(letter.document) : letter.plain;
  const bool pictures = std::any_of(letter.document.nodes.begin(), letter.document.nodes.end(), [](const html::Node& node) { return node.tag == "img"; });
  if (is_blank(seen)) {
    if (!pictures) add(report, "lint.empty-body", {}, "body", fmt::format("{} bytes, no word to read", letter.body.size()));
    return;
  }
  const auto words = text::words(seen);
  const auto is_link = [](std::string_view word) { return text::starts_with_ignoring_case(word, "http://") || text::starts_with_ignoring_case(word, "https://") || text::starts_with_ignoring_case(word, "<http"); };
  if (std::all_of(words.begin(), words.end(), is_link)) add(report, "lint.link-only", {}, "body", seen);
}

}  // namespace

void judge_shape(const Letter& letter, CheckReport& report) {
  judge_alternatives(letter, report);
  judge_difference(letter, report);
  judge_size(letter, report);
  if (!letter.fields.empty()) judge_content(letter, report);
}

}  // namespace mailmedic::lint
