#include "checks/lint/text_of.hpp"

namespace mailmedic::lint {

std::string text_of(const html::Document& document) {
  std::string out;
  for (const html::Node& node : document.nodes) {
    if (!node.is_text()) {
      const bool within_word = node.tag == "b" || node.tag == "i" || node.tag == "span" || node.tag == "font" || node.tag == "a" || node.tag == "strong" || node.tag == "em";
      if (!within_word && !out.empty()) out += ' ';
      continue;
    }
    const std::string_view parent = document.nodes[node.parent].tag;
    if (parent != "style" && parent != "script" && parent != "title") out += node.text;
  }
  return out;
}

}  // namespace mailmedic::lint
