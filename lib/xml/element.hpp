#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::xml {

/// An element with what is in it. Names are as written, with their prefix.
struct Element {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<Element> children;  ///< elements; comments and instructions are left out
  std::string text;               ///< the character data directly in it, joined

  std::optional<std::string_view> attribute(std::string_view wanted) const;
  /// The first child of that name, or null.
  const Element* child(std::string_view wanted) const;
};

inline constexpr std::size_t usual_most_elements = 20'000;

/// The root element. Nothing is ever fetched or expanded: a document type declaration, and with it every entity beyond
/// the five of XML, is an error, as are more than 64 levels or `most_elements`. The encoding is UTF-8, or what a
/// byte order mark says.
text::Parsed<Element> parse(std::string_view document, std::size_t most_elements = usual_most_elements);

/// Does the document have a document type declaration?
bool has_doctype(std::string_view document);

}  // namespace mailmedic::xml
