#include "lib/html/document.hpp"

#include <gumbo.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csetjmp>
#include <cstdlib>

#include "lib/text/ascii.hpp"

namespace mailmedic::html {

namespace {

/// Gumbo's memory. It is given back all at once: gumbo's own clean-up calls itself for each level of the tree, which a
/// deep one turns into a stack overflow. Gumbo has no limits and no way to stop, so the arena jumps out of it.
class Arena {
 public:
  Arena() = default;
  ~Arena() {
    for (void* block : blocks_) std::free(block);
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  static void* allocate(void* self, std::size_t size) { return static_cast<Arena*>(self)->take(size); }
  static void give_back(void*, void*) {}

  std::jmp_buf gives_up;

 private:
  void* take(std::size_t size) {
    constexpr std::size_t block_bytes = 256 * 1024, most_bytes = 256 * 1024 * 1024, alignment = alignof(std::max_align_t);
    if (++calls_ % 64 == 0 && std::chrono::steady_clock::now() > deadline_) std::longjmp(gives_up, 1);
    size = (size + alignment - 1) / alignment * alignment;
    if (size > left_) {
      const std::size_t fresh = std::max(size, block_bytes);
      used_ += fresh;
      void* block = used_ > most_bytes ? nullptr : std::malloc(fresh);
      if (block == nullptr) std::longjmp(gives_up, 1);
      blocks_.push_back(block);
      next_ = static_cast<char*>(block);
      left_ = fresh;
    }
    void* out = next_;
    next_ += size;
    left_ -= size;
    return out;
  }

  const std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  std::vector<void*> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0, used_ = 0, calls_ = 0;
};

/// Null if it was given up. No object with a destructor may live here: longjmp skips them.
const GumboNode* parsed(Arena& arena, const char* text, std::size_t size) {
  if (setjmp(arena.gives_up) != 0) return nullptr;
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = Arena::allocate;
  options.deallocator = Arena::give_back;
  options.userdata = &arena;
  options.max_errors = 0;
  return gumbo_parse_with_options(&options, text, size)->root;
}

bool must_be_closed(GumboTag tag) {
  constexpr std::array all = {GUMBO_TAG_DIV, GUMBO_TAG_TABLE, GUMBO_TAG_A, GUMBO_TAG_SPAN, GUMBO_TAG_FONT, GUMBO_TAG_B, GUMBO_TAG_I, GUMBO_TAG_STRONG, GUMBO_TAG_EM, GUMBO_TAG_CENTER, GUMBO_TAG_STYLE, GUMBO_TAG_H1, GUMBO_TAG_H2, GUMBO_TAG_H3};
  return std::find(all.begin(), all.end(), tag) != all.end();
}

Node element_of(const GumboElement& element, GumboParseFlags flags) {
  Node out;
  if (element.tag != GUMBO_TAG_UNKNOWN) {
    out.tag = gumbo_normalized_tagname(element.tag);
  } else {
    GumboStringPiece name = element.original_tag;
    gumbo_tag_from_original_text(&name);
    out.tag = name.data == nullptr ? std::string("?") : text::lower(std::string_view(name.data, std::min<std::size_t>(name.length, 100)));
  }
  for (unsigned i = 0; i < element.attributes.length; ++i) {
    const auto* one = static_cast<const GumboAttribute*>(element.attributes.data[i]);
    out.attributes.emplace_back(text::lower(one->name), one->value);
  }
  const bool written = element.original_tag.length > 0 && (flags & GUMBO_INSERTION_BY_PARSER) == 0 && (flags & GUMBO_INSERTION_RECONSTRUCTED_FORMATTING_ELEMENT) == 0;
  out.unclosed = written && element.original_end_tag.length == 0 && must_be_closed(element.tag);
  return out;
}

void collect(const GumboNode* root, Document& out) {
  struct Open {
    const GumboNode* node;
    std::size_t parent;
  };
  std::vector<Open> open{{root, 0}};
  while (!open.empty()) {
    const Open now = open.back();
    open.pop_back();
    if (out.nodes.size() == max_nodes) {
      out.cut = true;
      return;
    }
    const GumboNodeType type = now.node->type;
    if (type == GUMBO_NODE_TEXT || type == GUMBO_NODE_CDATA || type == GUMBO_NODE_WHITESPACE) {
      out.nodes.push_back({.parent = now.parent, .text = now.node->v.text.text});
    } else if (type == GUMBO_NODE_ELEMENT || type == GUMBO_NODE_TEMPLATE) {
      const std::size_t self = out.nodes.size();
      out.nodes.push_back(element_of(now.node->v.element, now.node->parse_flags));
      out.nodes.back().parent = now.parent;
      const GumboVector& children = now.node->v.element.children;
      for (unsigned i = children.length; i > 0; --i) open.push_back({static_cast<const GumboNode*>(children.data[i - 1]), self});
    }
  }
}

}  // namespace

std::string_view Node::operator[](std::string_view attribute) const {
  for (const auto& [name, value] : attributes)
    if (name == attribute) return value;
  return {};
}

bool Node::has(std::string_view attribute) const {
  return std::any_of(attributes.begin(), attributes.end(), [&](const auto& one) { return one.first == attribute; });
}

Document parse(std::string_view text) {
  Document out;
  out.cut = text.size() > max_bytes;
  Arena arena;
  const GumboNode* root = parsed(arena, text.data(), std::min(text.size(), max_bytes));
  if (root == nullptr) out.cut = true;
  else collect(root, out);
  return out;
}

}  // namespace mailmedic::html
