#include "checks/bimi/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "lib/text/ascii.hpp"
#include "lib/xml/element.hpp"

namespace mailmedic::bimi {

namespace {

constexpr std::string_view svg_namespace = "http://www.w3.org/2000/svg";

// What SVG Tiny 1.2 has and the profile keeps.
constexpr std::string_view allowed[] = {"svg", "title", "desc", "metadata", "g", "defs", "use", "path", "rect", "circle", "ellipse", "line",
                                        "polyline", "polygon", "text", "tspan", "textArea", "tbreak", "linearGradient", "radialGradient", "stop",
                                        "solidColor", "switch", "font", "font-face", "font-face-src", "glyph", "missing-glyph", "hkern"};
constexpr std::string_view moving[] = {"animate", "animateColor", "animateMotion", "animateTransform", "set", "animation", "mpath", "discard"};
constexpr std::string_view active[] = {"script", "handler", "listener"};
constexpr std::string_view bitmaps[] = {"image", "feImage", "video", "audio"};

template <std::size_t size>
bool holds(const std::string_view (&list)[size], std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

/// Of "0 0 64 64" or "0,0,64,64".
std::optional<std::array<double, 4>> view_box(std::string_view text) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), ',', ' ');
  const auto words = text::words(plain);
  if (words.size() != 4) return std::nullopt;
  std::array<double, 4> out{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto [end, failed] = std::from_chars(words[i].data(), words[i].data() + words[i].size(), out[i]);
    if (failed != std::errc() || end != words[i].data() + words[i].size() || !std::isfinite(out[i])) return std::nullopt;
  }
  return out;
}

/// A reference in "url(...)" that leads out of the file.
bool has_outer_url(std::string_view value) {
  for (auto at = value.find("url("); at != std::string_view::npos; at = value.find("url(", at + 4)) {
    std::string_view target = text::trimmed(value.substr(at + 4));
    if (!target.empty() && (target.front() == '\'' || target.front() == '"')) target.remove_prefix(1);
    if (!target.starts_with('#')) return true;
  }
  return false;
}

class Judge {
 public:
  void run(const xml::Element& root) {
    judge_root(root);
    walk(root);
  }
  std::vector<SvgProblem> problems;

 private:
  void note(SvgFault fault, std::string what) {
    const bool known = std::any_of(problems.begin(), problems.end(), [&](const SvgProblem& problem) { return problem.fault == fault; });
    if (!known) problems.push_back({fault, what.substr(0, 200)});
  }

  void judge_root(const xml::Element& root) {
    const auto value = [&](std::string_view name) { return root.attribute(name).value_or(""); };
    if (root.name != "svg" || value("xmlns") != svg_namespace) return note(SvgFault::root, fmt::format("<{} xmlns=\"{}\">", root.name, value("xmlns")));
    if (value("version") != "1.2" || value("baseProfile") != "tiny-ps")
      note(SvgFault::profile, fmt::format("version=\"{}\" baseProfile=\"{}\"", value("version"), value("baseProfile")));
    const xml::Element* title = root.child("title");
    if (!title || text::trimmed(title->text).empty()) note(SvgFault::title, title ? "<title/>" : "no <title>");
    const auto box = view_box(value("viewBox"));
    if (!box || (*box)[2] <= 0 || std::abs((*box)[2] - (*box)[3]) > 0.005 * (*box)[2]) note(SvgFault::not_square, fmt::format("viewBox=\"{}\"", value("viewBox")));
    for (const char* name : {"x", "y"})
      if (root.attribute(name)) note(SvgFault::position, fmt::format("{}=\"{}\"", name, value(name)));
  }

  void walk(const xml::Element& element) {  // no deeper than the reader lets a document be
    const std::string tag = "<" + element.name + ">";
    if (holds(active, element.name)) note(SvgFault::script, tag);
    else if (holds(moving, element.name)) note(SvgFault::animation, tag);
    else if (holds(bitmaps, element.name)) note(SvgFault::bitmap, tag);
    else if (!holds(allowed, element.name)) note(SvgFault::element, tag);
    for (const auto& [key, value] : element.attributes) judge_attribute(key, value);
    if (element.name == "metadata") return;  // of other namespaces, and never shown
    for (const xml::Element& child : element.children) walk(child);
  }

  void judge_attribute(const std::string& key, const std::string& value) {
    if (key.starts_with("xmlns")) return;
    const std::string shown = fmt::format("{}=\"{}\"", key, value.substr(0, 150));
    const std::string plain = text::lower(text::trimmed(value));
    if (key.size() > 2 && text::starts_with_ignoring_case(key, "on") && text::is_alpha(key[2])) note(SvgFault::script, shown);
    if (plain.starts_with("javascript:")) return note(SvgFault::script, shown);
    const bool refers = key == "href" || key.ends_with(":href") || key == "src";
    if (refers && plain.starts_with("data:")) note(SvgFault::bitmap, shown);
    else if ((refers && !plain.empty() && !plain.starts_with('#')) || has_outer_url(plain)) note(SvgFault::external, shown);
  }
};

}  // namespace

std::vector<SvgProblem> judge_svg(std::string_view svg) {
  if (xml::has_doctype(svg)) return {{SvgFault::doctype, std::string(svg.substr(svg.find("<!DOCTYPE") == svg.npos ? 0 : svg.find("<!DOCTYPE"), 200))}};
  const auto root = xml::parse(svg);
  if (!root) return {{SvgFault::unreadable, root.error().why}};
  Judge judge;
  judge.run(*root);
  return std::move(judge.problems);
}

}  // namespace mailmedic::bimi
