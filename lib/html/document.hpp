#pragma once
// HTML as a mail client reads it (WHATWG parsing, by gumbo), as a flat tree in the order of the text.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailmedic::html {

struct Node {
  std::size_t parent = 0;   ///< in Document::nodes; the first is its own
  std::string tag{};        ///< lower case; empty for text
  std::string text{};       ///< of a text node, references decoded
  std::vector<std::pair<std::string, std::string>> attributes{};  ///< names in lower case
  bool unclosed = false;    ///< begins in the text and never ends, although it must

  bool is_text() const { return tag.empty(); }
  /// Empty where there is none.
  std::string_view operator[](std::string_view attribute) const;
  bool has(std::string_view attribute) const;
};

struct Document {
  std::vector<Node> nodes;  ///< parents stand in front of their children
  bool cut = false;         ///< there was more than the limits allow: what is here is the beginning, perhaps nothing
};

inline constexpr std::size_t max_bytes = 1024 * 1024, max_nodes = 100'000;

/// Reads any bytes; HTML has no errors that end it. Larger texts are cut; one that is made to take long (deep nesting)
/// is given up after a few seconds or 256 MiB, with nothing.
Document parse(std::string_view text);

}  // namespace mailmedic::html
