#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/html/document.hpp"

namespace mailmedic::lint {

/// What inline styles and old attributes make of a node, its ancestors' included. Style sheets are not read: mail clients
/// read them differently, and a guess would be a false alarm.
struct Style {
  bool display_none = false, invisible = false, hidden_attribute = false, transparent = false;
  std::optional<double> font_pixels{};
  std::optional<unsigned> color{}, background{};  ///< 0xRRGGBB

  /// "display:none", or why else nobody sees the text; empty: it is seen.
  std::string_view hidden_by() const;
};

/// One for each node of the document.
std::vector<Style> styles_of(const html::Document& document);

}  // namespace mailmedic::lint
