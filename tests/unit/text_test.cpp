#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"
#include "lib/text/tag_list.hpp"
#include "lib/text/toml.hpp"

using namespace mailmedic::text;
using testing::ElementsAre;

TEST(Shown, MakesTerminalEscapesHarmless) {
  EXPECT_EQ(shown("220 \x1b[31mred\r\n"), "220 \\x1b[31mred\\x0d\\x0a");
  EXPECT_EQ(shown(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(shown("\xc2\x9b" "31m"), "\\u{009b}31m");  // C1 CSI in UTF-8
  EXPECT_EQ(shown("\x9b" "31m"), "\\x9b31m");          // and as a bare byte
}

TEST(Shown, KeepsTextAndShowsWhatDeceives) {
  EXPECT_EQ(shown("Grüße 邮件"), "Grüße 邮件");
  EXPECT_EQ(shown("a\u202egpj"), "a\\u{202e}gpj");
  EXPECT_EQ(shown("\xe9t\xe9"), "\\xe9t\\xe9");  // Latin-1
}

TEST(Shown, CutsLongTextAtACharacter) {
  EXPECT_EQ(shown("abcdef", 3), "abc... (6 bytes)");
  EXPECT_EQ(shown("ab邮件", 4), "ab... (8 bytes)");
}

TEST(Utf8, IsFoundWrongWhereverItStands) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'a');
    text.replace(at, 1, "\xc3\xa9");
    EXPECT_TRUE(is_utf8(text)) << at;
    text.erase(at + 1, 1);
    EXPECT_FALSE(is_utf8(text)) << at;
  }
}

TEST(Utf8, RefusesOverlongSurrogatesAndBeyond) {
  EXPECT_TRUE(is_utf8("\xf0\x9f\x93\xa7"));
  EXPECT_FALSE(is_utf8("\xc0\xaf"));
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));
  EXPECT_FALSE(is_utf8("\xe9"));
}

TEST(DisplayWidth, CountsWideCharactersTwice) {
  EXPECT_EQ(display_width("spf"), 3);
  EXPECT_EQ(display_width("邮件"), 4);
}

TEST(TagList, KeepsOrderDuplicatesAndInnerSpace) {
  const auto list = TagList::parse(" v=DKIM1 ; n= two words;p=;p=x; ").value();
  ASSERT_EQ(list.tags().size(), 4u);
  EXPECT_EQ(list.value("n"), "two words");
  EXPECT_EQ(list.value("p"), "");
  EXPECT_EQ(list.value("q"), std::nullopt);
  EXPECT_THAT(list.duplicates(), ElementsAre("p"));
}

TEST(TagList, TellsWhereItBroke) {
  const auto no_equals = TagList::parse("v=DMARC1; reject");
  ASSERT_TRUE(no_equals.has_error());
  EXPECT_EQ(no_equals.error().offset, 10u);
  const auto bad_name = TagList::parse("v=1; 2x=3");
  ASSERT_TRUE(bad_name.has_error());
  EXPECT_EQ(bad_name.error().offset, 5u);
}

TEST(Ascii, SplitsAndTrims) {
  EXPECT_THAT(split("a,,b", ','), ElementsAre("a", "", "b"));
  EXPECT_THAT(words("  mx \t -all "), ElementsAre("mx", "-all"));
  EXPECT_EQ(trimmed("\t x \r\n"), "x");
  EXPECT_TRUE(starts_with_ignoring_case("V=SPF1 a", "v=spf1"));
}

namespace {
TomlTables tables_of(const std::string& content) {
  const std::string path = testing::TempDir() + "tables.toml";
  std::ofstream(path, std::ios::binary) << content;
  return TomlTables::open(path).value();
}
}  // namespace

TEST(TomlTables, AreReadOneByOne) {
  const auto tables = tables_of("x = 1\n[b]\nword = \"one\"\n\n[a-1]\r\nword = \"two\"\nen.word = \"deep\"\n[broken]\nword = \n");
  EXPECT_EQ(tables.names(), (std::vector<std::string>{"a-1", "b", "broken"}));
  EXPECT_EQ(string_of(tables.read("b").value(), "word"), "one");
  EXPECT_EQ(string_of(tables.read("a-1").value(), "word"), "two");
  EXPECT_EQ(string_of(tables.read("a-1")->at("en").as_object(), "word"), "deep");
  EXPECT_TRUE(tables.read("none")->empty());
  EXPECT_THAT(tables.read("broken").error().why, testing::HasSubstr("tables.toml:9: "));
}

TEST(TomlTables, AreRightHoweverTheFileIsWritten) {
  // What looks like a heading within a text, dotted headings, arrays of tables, and a name that comes twice.
  EXPECT_EQ(string_of(tables_of("[a]\nword = \"\"\"\n[b]\n\"\"\"\nother = \"x\"\n").read("a").value(), "other"), "x");
  EXPECT_EQ(string_of(tables_of("[a]\nx = 1\n[a.en]\nword = \"deep\"\n").read("a")->at("en").as_object(), "word"), "deep");
  EXPECT_EQ(string_of(tables_of("[[l]]\nx = 1\n[a]\nword = \"one\"\n[[l]]\n").read("a").value(), "word"), "one");
  EXPECT_FALSE(tables_of("[a]\nword = \"one\"\n[a]\nword = \"two\"\n").read("a"));
  EXPECT_EQ(string_of(tables_of("[ a ]\nword = \"one\"\n").read("a").value(), "word"), "one");
  EXPECT_FALSE(TomlTables::open("/nonexistent.toml"));
}
