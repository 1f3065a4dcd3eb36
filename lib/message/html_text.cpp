#include "lib/message/html_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "lib/message/charset.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/byte_set.hpp"

namespace mailmedic::message {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> references = {{
    {"lt", "<"}, {"gt", ">"}, {"amp", "&"}, {"quot", "\""}, {"apos", "'"}, {"nbsp", " "}, {"#39", "'"}}};

constexpr std::array<std::string_view, 17> blocks = {
    "p", "br", "div", "tr", "td", "th", "li", "h1", "h2", "h3", "h4", "pre", "ul", "ol", "hr", "table", "title"};

/// "#1234" or "#x4d2"; 0 where it is none, or no character.
std::uint32_t numeric(std::string_view name) {
  if (!name.starts_with('#') || name.size() < 2 || name.size() > 9) return 0;
  const bool hex = text::lower(name[1]) == 'x';
  std::uint32_t code = 0;
  for (const char c : name.substr(hex ? 2 : 1)) {
    const char l = text::lower(c);
    if (text::is_digit(c))
      code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(c - '0');
    else if (hex && l >= 'a' && l <= 'f')
      code = code * 16 + static_cast<std::uint32_t>(l - 'a' + 10);
    else
      return 0;
  }
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return code > 0x10ffff || surrogate ? 0 : code == 160 ? ' ' : code;
}

/// Length of the character reference at the start of `text`, which is appended to `out`; 0 if it is none.
std::size_t reference(std::string_view text, std::string& out) {
  const auto end = text.substr(0, 12).find(';');
  if (end == text.npos) return 0;
  const std::string_view name = text.substr(1, end - 1);
  for (const auto& [known, meaning] : references)
    if (name == known) {
      out += meaning;
      return end + 1;
    }
  const std::uint32_t code = numeric(name);
  if (code == 0) return 0;
  append_utf8(out, code);
  return end + 1;
}

/// Where the end tag of <style> or <script> closes, from `at`; the end of the text if nowhere.
std::size_t behind_raw_text(std::string_view html, std::size_t at, const std::string& name) {
  const std::string end_tag = "</" + name;
  for (; (at = html.find("</", at)) != html.npos; ++at)
    if (text::starts_with_ignoring_case(html.substr(at), end_tag)) return std::min(html.find('>', at), html.size() - 1) + 1;
  return html.size();
}

}  // namespace

std::string html_text(std::string_view html) {
  constexpr text::ByteSet behind_name(" \t\r\n/");
  std::string out;
  out.reserve(html.size() / 2);
  for (std::size_t at = 0; at < html.size();) {
    const char c = html[at];
    if (c == '&') {
      const std::size_t length = reference(html.substr(at), out);
      if (length == 0) out += c;
      at += std::max<std::size_t>(length, 1);
    } else if (c == '<' && html.substr(at).starts_with("<!--")) {
      const auto end = html.find("-->", at);
      at = end == html.npos ? html.size() : end + 3;
    } else if (c == '<' && at + 1 < html.size() && (text::is_alpha(html[at + 1]) || html[at + 1] == '/' || html[at + 1] == '!')) {
      const auto end = std::min(html.find('>', at), html.size() - 1);
      std::string_view tag = html.substr(at + 1, end - at - 1);
      const bool closing = tag.starts_with('/');
      if (closing) tag.remove_prefix(1);
      const std::string name = text::lower(tag.substr(0, behind_name.first_in(tag)));
      // "<joe@example.org>" that nobody escaped is an address, not a tag
      if (name.find('@') != name.npos) out.append(html.substr(at, end - at + 1));
      at = end + 1;
      if (!closing && (name == "style" || name == "script" || name == "head")) at = behind_raw_text(html, at, name);
      if (std::find(blocks.begin(), blocks.end(), name) != blocks.end()) out += '\n';
    } else {
      out += text::is_space(c) ? ' ' : c;
      ++at;
    }
  }
  return out;
}

}  // namespace mailmedic::message
