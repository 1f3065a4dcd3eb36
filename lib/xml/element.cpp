#include "lib/xml/element.hpp"

#include <algorithm>
#include <pugixml.hpp>

namespace mailmedic::xml {

namespace {
constexpr int max_depth = 64;
constexpr unsigned options = pugi::parse_default | pugi::parse_doctype;

/// Copies a node; false when it is too deep or too much.
bool copy(const pugi::xml_node& from, Element& to, int depth, std::size_t& left) {
  if (depth > max_depth || left-- == 0) return false;
  to.name = from.name();
  for (const pugi::xml_attribute& attribute : from.attributes()) to.attributes.emplace_back(attribute.name(), attribute.value());
  for (const pugi::xml_node& child : from.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) to.text += child.value();
    if (child.type() != pugi::node_element) continue;
    to.children.emplace_back();
    if (!copy(child, to.children.back(), depth + 1, left)) return false;
  }
  return true;
}

bool holds_doctype(const pugi::xml_document& document) {
  const auto children = document.children();
  return std::any_of(children.begin(), children.end(), [](const pugi::xml_node& node) { return node.type() == pugi::node_doctype; });
}
}  // namespace

std::optional<std::string_view> Element::attribute(std::string_view wanted) const {
  for (const auto& [key, value] : attributes)
    if (key == wanted) return value;
  return std::nullopt;
}

const Element* Element::child(std::string_view wanted) const {
  const auto found = std::find_if(children.begin(), children.end(), [&](const Element& element) { return element.name == wanted; });
  return found == children.end() ? nullptr : &*found;
}

text::Parsed<Element> parse(std::string_view bytes, std::size_t most_elements) {
  // An element has a tag or two; what has many more is not even read, as every node costs many times its bytes.
  if (static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '<')) > 3 * most_elements) return text::ParseError{0, "too many elements"};
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer(bytes.data(), bytes.size(), options);
  if (!result) return text::ParseError{static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, result.offset)), result.description()};
  if (holds_doctype(document)) return text::ParseError{0, "a document type declaration"};
  Element root;
  std::size_t left = most_elements;
  if (!document.document_element()) return text::ParseError{0, "no element"};
  if (!copy(document.document_element(), root, 1, left)) return text::ParseError{0, "too many elements, or too deep in one another"};
  return root;
}

bool has_doctype(std::string_view bytes) {
  pugi::xml_document document;
  document.load_buffer(bytes.data(), bytes.size(), options);
  return holds_doctype(document);
}

}  // namespace mailmedic::xml
