// HTML: active content, what is hidden, pictures in place of words.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "checks/lint/parts.hpp"
#include "checks/lint/style.hpp"
#include "checks/lint/text_of.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::lint {

namespace {

std::string tag_of(const html::Node& node) {
  std::string out = "<" + node.tag;
  for (const auto& [name, value] : node.attributes) out += " " + name + "=\"" + value.substr(0, 100) + "\"";
  return out + ">";
}

/// A form or a script does nothing in mail, and looks like fraud.
void judge_active(const Letter& letter, CheckReport& report) {
  constexpr std::array<std::string_view, 8> active = {"script", "form", "iframe", "frame", "object", "embed", "applet", "meta"};
  std::set<std::string> seen;
  for (const html::Node& node : letter.document.nodes) {
    const bool refreshes = node.tag == "meta" && text::equals_ignoring_case(node["http-equiv"], "refresh");
    const bool is_active = node.tag == "meta" ? refreshes : std::find(active.begin(), active.end(), node.tag) != active.end();
    const bool is_sheet = node.tag == "link" && text::lower(node["rel"]).find("stylesheet") != std::string::npos && text::lower(node["href"]).find("//") != std::string::npos;
    const bool is_data = node.tag == "script" && (node["type"] == "application/ld+json" || node["type"] == "application/json");  // Gmail's markup
    if (is_data) continue;
    if (is_active && seen.insert(node.tag).second) add(report, "lint.html-active", {{"tag", node.tag}}, "text/html", tag_of(node));
    if (is_sheet && seen.insert("link").second) add(report, "lint.html-style-sheet", {{"url", std::string(node["href"])}}, "text/html", tag_of(node));
  }
}

void judge_balance(const Letter& letter, CheckReport& report) {
  if (letter.document.cut) return;
  std::vector<std::string> tags;
  for (const html::Node& node : letter.document.nodes)
    if (node.unclosed) tags.push_back(node.tag);
  const std::size_t count = tags.size();
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  if (count > 0) add(report, "lint.html-unbalanced", {{"count", std::to_string(count)}, {"tags", text::joined(tags, ", ")}}, "text/html", fmt::format("{} elements without an end tag: {}", count, text::joined(tags, ", ")));
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80 && !text::is_space(c); }));
}

/// A counter of openings, one pixel large.
bool is_pixel(const html::Node& node) { return node["width"] == "1" || node["height"] == "1" || node["width"] == "0" || node["height"] == "0"; }

void judge_images(const Letter& letter, CheckReport& report) {
  constexpr std::size_t little_text = 60, many = 3;
  std::size_t images = 0, linked = 0, without_alt = 0, remote = 0;
  std::string first;
  for (const html::Node& node : letter.document.nodes) {
    if (node.tag != "img" || is_pixel(node)) continue;
    ++images;
    if (first.empty()) first = tag_of(node);
    linked += letter.document.nodes[node.parent].tag == "a" ? 1 : 0;
    without_alt += node.has("alt") ? 0 : 1;
    remote += text::starts_with_ignoring_case(node["src"], "http") ? 1 : 0;
  }
  if (images == 0 || letter.document.cut) return;
  const std::size_t text = characters(text_of(letter.document));
  const bool one_linked = images == 1 && linked == 1;
  if (text < little_text && (one_linked || images >= many || text == 0)) add(report, "lint.image-only", {{"images", std::to_string(images)}, {"characters", std::to_string(text)}}, "text/html", first);
  if (without_alt > 0) add(report, "lint.image-without-alt", {{"count", std::to_string(without_alt)}, {"images", std::to_string(images)}, {"remote", std::to_string(remote)}}, "text/html", first);
}

/// Hidden text. A first line for the list of messages ("preheader") is common and short: of that it is only told.
void judge_hidden(const Letter& letter, CheckReport& report) {
  constexpr std::size_t preheader = 250, little = 20;
  const auto styles = styles_of(letter.document);
  std::size_t hidden = 0, tiny = 0;
  std::string how, sample, tiny_sample;
  for (std::size_t i = 0; i < letter.document.nodes.size(); ++i) {
    const html::Node& node = letter.document.nodes[i];
    if (!node.is_text()) continue;
    const std::string_view parent = letter.document.nodes[node.parent].tag;
    if (parent == "style" || parent == "script" || parent == "title") continue;
    const Style& style = styles[i];
    const std::size_t count = characters(node.text);
    const std::string_view why = style.hidden_by();
    if (count > 0 && !why.empty()) {
      hidden += count;
      if (how.empty()) how = why;
      if (sample.size() < 300) sample += node.text.substr(0, 300);
    } else if (count > 0 && style.font_pixels && *style.font_pixels < 6) {
      tiny += count;
      if (tiny_sample.empty()) tiny_sample = node.text.substr(0, 300);
    }
  }
  const Args args{{"characters", std::to_string(hidden)}, {"how", how}};
  if (hidden > preheader) add(report, "lint.hidden-text", args, "text/html", text::trimmed(sample));
  else if (hidden > little) add(report, "lint.hidden-preheader", args, "text/html", text::trimmed(sample));
  if (tiny > little) add(report, "lint.tiny-text", {{"characters", std::to_string(tiny)}}, "text/html", text::trimmed(tiny_sample));
}

/// A character that is not seen, between two letters: it splits a word for a filter and not for a reader. Between spaces
/// such characters fill up a preheader.
std::string_view split_word(std::string_view text) {
  for (const std::string_view one : {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"})
    for (std::size_t at = 0; (at = text.find(one, at)) != text.npos; at += one.size()) {
      const std::size_t end = at + one.size();
      if (at > 0 && end < text.size() && text::is_alpha(text[at - 1]) && text::is_alpha(text[end])) return text.substr(at < 30 ? 0 : at - 30, 60);
    }
  return {};
}

void judge_split_words(const Letter& letter, CheckReport& report) {
  for (const std::string& text : {letter.shown("Subject"), letter.shown("From"), letter.plain.substr(0, 100'000), text_of(letter.document)})
    if (const auto seen = split_word(text); !seen.empty()) return add(report, "lint.split-word", {}, "text", seen);
}

}  // namespace

void judge_html(const Letter& letter, CheckReport& report) {
  judge_split_words(letter, report);
  if (!letter.has_html) return;
  judge_active(letter, report);
  judge_balance(letter, report);
  judge_images(letter, report);
  judge_hidden(letter, report);
}

}  // namespace mailmedic::lint
