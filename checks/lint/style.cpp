#include "checks/lint/style.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "lib/text/ascii.hpp"

namespace mailmedic::lint {

namespace {

/// "#fff", "#ffffff", "white", "black", "rgb(255, 255, 255)".
std::optional<unsigned> color_of(std::string_view value) {
  value = text::trimmed(value);
  if (text::equals_ignoring_case(value, "white")) return 0xffffff;
  if (text::equals_ignoring_case(value, "black")) return 0;
  if (value.starts_with('#')) {
    const std::string_view digits = value.substr(1);
    unsigned out = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
    if (digits.size() == 6) return out;
    if (digits.size() != 3) return std::nullopt;
    const unsigned r = out >> 8 & 15, g = out >> 4 & 15, b = out & 15;
    return (r * 17) << 16 | (g * 17) << 8 | b * 17;
  }
  if (!text::starts_with_ignoring_case(value, "rgb(")) return std::nullopt;
  unsigned out = 0;
  const auto pieces = text::split(value.substr(4, value.find(')') == value.npos ? value.npos : value.find(')') - 4), ',');
  if (pieces.size() != 3) return std::nullopt;
  for (const std::string_view piece : pieces) {
    unsigned one = 0;
    const std::string_view digits = text::trimmed(piece);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), one);
    if (read.ec != std::errc() || one > 255) return std::nullopt;
    out = out << 8 | one;
  }
  return out;
}

/// Pixels of "12px", "9pt", "0"; nothing for other units, which depend on what is around.
std::optional<double> pixels_of(std::string_view value) {
  const std::string bare(text::trimmed(value.substr(0, 20)));
  char* end = nullptr;
  const double number = std::strtod(bare.c_str(), &end);
  if (end == bare.c_str() || number < 0 || number > 1000) return std::nullopt;
  const std::string unit = text::lower(std::string_view(end));
  if (number == 0 || unit.starts_with("px")) return number;
  return unit.starts_with("pt") ? std::optional<double>(number * 4 / 3) : std::nullopt;
}

void apply(std::string_view name, std::string_view value, Style& style) {
  const std::string word = text::lower(text::trimmed(value.substr(0, std::min(value.find('!'), value.size()))));
  if (name == "display") style.display_none = style.display_none || word == "none";
  else if (name == "visibility") style.invisible = word == "hidden" || word == "collapse";
  else if (name == "mso-hide") return;
  else if (name == "opacity") style.transparent = style.transparent || word == "0" || word == "0.0";
  else if (name == "font-size") style.font_pixels = pixels_of(word);
  else if (name == "color") style.color = color_of(word);
  else if (name == "background-color" || name == "background") {
    // A picture may lie over the color
    style.background = word.find("url(") == word.npos ? color_of(word.find('(') == word.npos ? word.substr(0, word.find(' ')) : word) : std::nullopt;
  }
}

Style style_of(const html::Node& node, Style style) {
  if (node.has("hidden")) style.hidden_attribute = true;
  if (node.has("background")) style.background.reset();
  if (const auto color = node["bgcolor"]; !color.empty()) style.background = color_of(color);
  if (const auto color = node["color"]; node.tag == "font" && !color.empty()) style.color = color_of(color);
  if (node.tag == "a") style.color.reset();  // clients have a color of their own for links
  constexpr std::size_t longest = 4000;
  for (const std::string_view declaration : text::split(node["style"].substr(0, longest), ';')) {
    const auto colon = declaration.find(':');
    if (colon != declaration.npos) apply(text::lower(text::trimmed(declaration.substr(0, colon))), declaration.substr(colon + 1), style);
  }
  return style;
}

}  // namespace

std::string_view Style::hidden_by() const {
  if (display_none) return "display:none";
  if (invisible) return "visibility:hidden";
  if (hidden_attribute) return "the attribute hidden";
  if (transparent) return "opacity:0";
  if (font_pixels && *font_pixels == 0) return "font-size:0";
  if (!color || !background) return {};
  const auto distance = [&](int shift) { return std::abs(static_cast<int>(*color >> shift & 0xff) - static_cast<int>(*background >> shift & 0xff)); };
  return std::max({distance(16), distance(8), distance(0)}) < 10 ? "the color of its background" : std::string_view();
}

std::vector<Style> styles_of(const html::Document& document) {
  std::vector<Style> out;
  out.reserve(document.nodes.size());
  for (const html::Node& node : document.nodes) {
    const Style inherited = out.empty() ? Style() : out[node.parent];
    out.push_back(node.is_text() ? inherited : style_of(node, inherited));
  }
  return out;
}

}  // namespace mailmedic::lint
