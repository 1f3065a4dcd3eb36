// Many patterns against one text, and what can be told of a pattern without its automaton.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/pattern/needed.hpp"
#include "lib/pattern/set.hpp"

using namespace mailmedic;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

/// Patterns that a few strings stand for take a way of their own, which must not show.
TEST(PatternSet, PlainStringsAndOthersFitAlike) {
  const char* plain[] = {"5\\.7\\.1 \\(x\\)", "User", "ab", "\xc3\xa9t\xc3\xa9", "100%", "a/b-c"};
  pattern::Set set, other;
  for (const char* one : plain) {
    set.add(one);
    other.add("(" + std::string(one) + ")");  // a group makes it an expression
  }
  EXPECT_EQ(set.compile().why, "");
  EXPECT_EQ(other.compile().why, "");
  for (const char* text : {"5.7.1 (X) user", "5x7.1 (x)", "USER AB", "\xc3\xa9T\xc3\xa9", "\xc3\x89t\xc3\x89", "100%A/B-C", "us er", ""}) EXPECT_EQ(set.match(text), other.match(text)) << text;
  EXPECT_EQ(set.match("abuser 5.7.1 (x)"), (std::vector<int>{0, 1, 2}));
}

TEST(PatternSet, ManyAreAsFew) {
  pattern::Set set;
  for (int i = 0; i < 300; ++i) set.add("word" + std::to_string(i) + "(s|en)?\\b");
  EXPECT_EQ(set.compile().why, "");
  EXPECT_EQ(set.match("word299s, Word7 and worden or word12x"), (std::vector<int>{7, 299}));
  pattern::Set wrong;
  for (int i = 0; i < 300; ++i) wrong.add(i == 140 || i == 201 ? "([" : "(fine)" + std::to_string(i));
  const auto first = wrong.compile();
  EXPECT_EQ(first.number, 140);
  EXPECT_THAT(first.why, HasSubstr("missing ]"));
}

TEST(PatternSet, FindsAllThatOccur) {
  pattern::Set set;
  for (const char* pattern : {"user (un)?known", "a+b", "\xe6\x97\xa0\xe6\xad\xa4"}) set.add(pattern);
  EXPECT_EQ(set.compile().why, "");
  EXPECT_EQ(set.size(), 3u);
  EXPECT_EQ(set.match("USER UNKNOWN aaab"), (std::vector<int>{0, 1}));
  EXPECT_EQ(set.match("550 \xe6\x97\xa0\xe6\xad\xa4"), (std::vector<int>{2}));
  EXPECT_EQ(set.match("\xff\xfe nothing"), std::vector<int>{});
  EXPECT_EQ(set.match(std::string(pattern::Set::max_text, ' ') + "user known"), std::vector<int>{});
}

TEST(PatternNeeded, ListsTheStringsOfWhichOneIsThere) {
  const auto strings = [](std::string_view pattern) {
    const pattern::Needed needed = pattern::needed_by(pattern, 3);
    EXPECT_TRUE(needed.readable) << pattern;
    return needed.strings;
  };
  EXPECT_THAT(strings("user unknown"), ElementsAre("user unknown"));
  EXPECT_THAT(strings("qqt? "), UnorderedElementsAre("qq ", "qqt "));
  EXPECT_THAT(strings("(go|aka)\\.ms/"), ElementsAre("go.ms/", "aka.ms/"));
  EXPECT_THAT(strings("mail ?box [^.;]*(is )?full"), UnorderedElementsAre("mail box ", "mailbox "));
  EXPECT_THAT(strings("a+bcde*f"), ElementsAre("bcd"));
  EXPECT_THAT(strings("Connected to .+ but (greeting failed|connection died)"), ElementsAre(" but greeting failed", " but connection died"));
  EXPECT_THAT(strings("don\\x27t[\\x22 ]"), UnorderedElementsAre("don't\"", "don't "));
  EXPECT_THAT(strings("BL[01]\\d+$"), ElementsAre("BL0", "BL1"));
  for (const char* none : {"", ".*", "ab", "(abc)?", "abc|.", "(abc|d*)", "[a-z]+", "\\w{3,}", "x*y*", "(abc){0,}?"}) {
    const pattern::Needed needed = pattern::needed_by(none, 3);
    EXPECT_TRUE(needed.strings.empty()) << none;
  }
}

TEST(PatternNeeded, KnowsWhenAStringIsEnough) {
  for (const char* yes : {"user unknown", "5\\.7\\.1", "no such (user|mailbox)", "colou?r", "(abc|def)"}) EXPECT_TRUE(pattern::needed_by(yes, 3).enough) << yes;
  for (const char* no : {"user unknown$", "^user", "\\buser", "user .*unknown", "users+", "ab", "[^a]bcd", "abc|de"}) EXPECT_FALSE(pattern::needed_by(no, 3).enough) << no;
}

/// What it calls readable is never tried by the engine before it is wanted: all that is wrong must be left to the engine.
TEST(PatternNeeded, LeavesToTheEngineWhatItDoesNotKnow) {
  for (const char* wrong : {"(", ")", "[", "[]", "[z-a]", "a**", "*a", "+", "(a", "a)", "a\\", "\\q", "a{2}{3}", "a{3,2}", "^*", "\\b+", "(?P<n", "[[:no:]]", "a|*"}) EXPECT_FALSE(pattern::needed_by(wrong, 3).readable) << wrong;
  for (const char* other : {"(?i)abc", "\\x4", "\\x00", "\\x{41}", "\\pL", "[[:alpha:]]", "(ab){2}", "a{1001}", "\\Qa.b\\E", "{"}) EXPECT_FALSE(pattern::needed_by(other, 3).readable) << other;
  EXPECT_FALSE(pattern::needed_by(std::string(2000, 'a'), 3).readable);
  EXPECT_FALSE(pattern::needed_by(std::string(100, '(') + std::string(100, ')'), 3).readable);
}
