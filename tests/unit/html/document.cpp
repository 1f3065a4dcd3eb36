// HTML in, nodes out; and nothing that a sender writes takes the program down.
#include "lib/html/document.hpp"

#include <gtest/gtest.h>

using namespace mailmedic;

namespace {

const html::Node* first(const html::Document& document, std::string_view tag) {
  for (const html::Node& node : document.nodes)
    if (node.tag == tag) return &node;
  return nullptr;
}

std::string repeated(std::string_view piece, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += piece;
  return out;
}

}  // namespace

TEST(HtmlDocument, GivesElementsAttributesAndText) {
  const auto document = html::parse("<p>Hello <A HREF='https://example.org/?a=1&amp;b=2' Title>W&ouml;rld</a></p>");
  const html::Node* link = first(document, "a");
  ASSERT_NE(link, nullptr);
  EXPECT_EQ((*link)["href"], "https://example.org/?a=1&b=2");
  EXPECT_TRUE(link->has("title"));
  EXPECT_FALSE(link->unclosed);
  const auto self = static_cast<std::size_t>(link - document.nodes.data());
  EXPECT_EQ(document.nodes[self + 1].text, "Wörld");
  EXPECT_EQ(document.nodes[self + 1].parent, self);
  EXPECT_FALSE(document.cut);
}

TEST(HtmlDocument, TellsWhatIsNotClosed) {
  EXPECT_TRUE(first(html::parse("<div><table><tr><td>x</td></tr></table>"), "div")->unclosed);
  EXPECT_FALSE(first(html::parse("<div><p>one<p>two<br></div>"), "p")->unclosed);
  EXPECT_FALSE(first(html::parse("<div><p>one<p>two<br></div>"), "div")->unclosed);
}

TEST(HtmlDocument, KeepsTheNamesOfElementsThatItDoesNotKnow) {
  EXPECT_NE(first(html::parse("<o:p>x</o:p>"), "o:p"), nullptr);
}

TEST(HtmlDocument, OutlivesDeepNestingAndOtherAttacks) {
  for (const std::string_view piece : {"<div>", "<b><i>", "<table><tr><td>", "<svg>", "<a href=x>", "<!--", "<", "&", "<template>"}) {
    const auto document = html::parse(repeated(piece, 40'000));
    EXPECT_TRUE(document.cut || !document.nodes.empty()) << piece;
  }
  EXPECT_FALSE(html::parse(std::string("<p>a\0b\xff\xfe</p>", 13)).nodes.empty());
  EXPECT_FALSE(html::parse("").nodes.empty());
}

TEST(HtmlDocument, CutsWhatIsTooLarge) {
  const auto document = html::parse(repeated("<p>x</p>\n", 200'000));
  EXPECT_TRUE(document.cut);
}
