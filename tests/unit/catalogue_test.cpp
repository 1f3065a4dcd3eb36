// The catalogue as a whole, whatever the subject.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "checks/table/table.hpp"
#include "lib/text/shown.hpp"
#include "lib/text/toml.hpp"
#include "reports/catalogue.hpp"

using namespace mailmedic;
using reports::Catalogue;
using reports::Language;

namespace {
constexpr const char* directory = MAILMEDIC_BINARY_DIR "/share/mailmedic/findings";

std::set<std::string> placeholders(std::string_view text) {
  std::set<std::string> out;
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    const auto close = text.find('}', open);
    if (close != std::string_view::npos) out.emplace(text.substr(open + 1, close - open - 1));
  }
  return out;
}

bool has_chinese(std::string_view text) {
  while (!text.empty()) {
    const auto next = text::utf8_at(text);
    if (next.code_point >= 0x4e00 && next.code_point <= 0x9fff) return true;
    text.remove_prefix(next.length ? next.length : 1);
  }
  return false;
}
}  // namespace

TEST(WholeCatalogue, IsReadWithoutError) {
  Catalogue catalogue(directory);
  EXPECT_GT(catalogue.all().size(), 100u);
  EXPECT_EQ(catalogue.error(), "");
}

TEST(WholeCatalogue, SaysTheSameInBothLanguages) {
  Catalogue catalogue(directory);
  for (const reports::Entry* entry : catalogue.all()) {
    for (const auto part : {&reports::Words::title, &reports::Words::why, &reports::Words::fix}) {
      const std::string &en = entry->en.*part, &zh = entry->zh.*part;
      EXPECT_FALSE(en.empty()) << entry->id;
      EXPECT_TRUE(has_chinese(zh)) << entry->id << ": " << zh;
      EXPECT_FALSE(has_chinese(en)) << entry->id << ": " << en;
    }
    EXPECT_EQ(placeholders(entry->en.title), placeholders(entry->zh.title)) << entry->id;
    EXPECT_FALSE(entry->spec.empty()) << entry->id;
  }
}

TEST(WholeCatalogue, KnowsEveryCauseThatItNames) {
  Catalogue catalogue(directory);
  for (const reports::Entry* entry : catalogue.all())
    for (const std::string& cause : entry->caused_by) {
      const auto all = catalogue.all();
      const bool known = cause.ends_with(".*") ? std::any_of(all.begin(), all.end(), [&](const reports::Entry* one) { return one->id.starts_with(cause.substr(0, cause.size() - 1)); })
                                               : catalogue.find(cause) != nullptr;
      EXPECT_TRUE(known) << entry->id << " is caused by " << cause;
      EXPECT_NE(cause, entry->id);
    }
}

TEST(WholeCatalogue, HasATitleForEveryCheck) {
  Catalogue catalogue(directory);
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    const std::string subject = file.path().stem().string();
    for (const Language language : {Language::en, Language::zh})
      if (subject != "check") {  // its findings stand under the check that failed
        EXPECT_NE(catalogue.title(subject, language), subject);
      }
  }
  for (const Check& check : all_checks())
    for (const Language language : {Language::en, Language::zh}) EXPECT_NE(catalogue.title(check.id, language), check.id);
}

TEST(Catalogue, ABrokenFileNamesLineAndCause) {
  const std::string folder = testing::TempDir();
  std::ofstream(folder + "broken.toml") << "[a]\nseverity = \"info\"\nen.title = \n";
  Catalogue catalogue(folder);
  EXPECT_EQ(catalogue.find("broken.a"), nullptr);
  EXPECT_THAT(catalogue.error(), testing::HasSubstr("broken.toml:3"));

  std::ofstream(folder + "odd.toml") << "[a]\nseverity = \"fatal\"\n";
  Catalogue other(folder);
  other.find("odd.a");
  EXPECT_THAT(other.error(), testing::HasSubstr("[a]: severity \"fatal\""));
}

TEST(Filled, ReplacesWhatIsKnownAndKeepsTheRest) {
  EXPECT_EQ(reports::filled("{a} of {b}, {c}", {{"a", "1"}, {"b", "{a}"}}), "1 of {a}, {c}");
  EXPECT_EQ(reports::filled("open {a", {{"a", "1"}}), "open {a");
}

TEST(PhraseBook, FillsWhatStandsInPlaceOfNames) {
  reports::PhraseBook book, more;
  book.add("no DMARC", "没有 DMARC");
  book.add("{domain} has no {type} record", "{domain} 没有 {type} 记录");
  book.add("error in {term}: {why}", "{term} 有误：{why}");
  more.add("timed out", "超时");
  EXPECT_EQ(book.chinese("no DMARC"), "没有 DMARC");
  EXPECT_EQ(book.chinese("a.example has no MX record"), "a.example 没有 MX 记录");
  EXPECT_EQ(book.chinese("error in a: b: timed out", &more), "a 有误：b: timed out");  // the shortest that fits
  book.add("\"%\" needs \"{\" behind it", "“%”后面须有“{”");
  EXPECT_EQ(book.chinese("\"%\" needs \"{\" behind it"), "“%”后面须有“{”") << "no name";
  EXPECT_EQ(book.chinese("error in mx: timed out", &more), "mx 有误：超时");
  book.add("error in {term}: {why}, in {place}", "{place} 中的 {term} 有误：{why}");
  EXPECT_EQ(book.chinese("error in mx: timed out, in a", &more), "a 中的 mx 有误：超时") << "who says more is meant";
  EXPECT_EQ(book.chinese("no DMARC; timed out", &more), "没有 DMARC；超时");
  for (const char* raw : {"v=DMARC1; p=none", "has no MX record", " has no  record", "no DMARC; raw", "error in : ", ""}) EXPECT_EQ(book.chinese(raw), std::nullopt) << raw;
  const std::string huge = "error in x: " + std::string(1 << 20, 'a');
  EXPECT_EQ(book.chinese(huge), std::nullopt);
}

TEST(PhraseBook, GoesNoDeeperThanItMust) {
  reports::PhraseBook book;
  book.add("not {why}", "非{why}");
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "not ";
  EXPECT_TRUE(book.chinese(deep + "x").has_value());
}

TEST(PhraseBook, TakesNothingElseForASentenceOfOurs) {
  reports::PhraseBook book;
  book.add("{domain} does not exist", "{domain} 不存在");
  book.add("{subject} is on {list}", "{subject} 被列入 {list}");
  book.add("MTA-STS: {what}", "MTA-STS：{what}");
  EXPECT_EQ(book.chinese("a.example does not exist"), "a.example 不存在");
  for (const char* raw : {"550 5.1.1 user does not exist", "mailbox does not exist", "<joe@a.example> does not exist", "Your IP is on a list", "MTA-STS: see our page"}) EXPECT_EQ(book.chinese(raw), std::nullopt) << raw;
}

/// What servers say must be read in their own words.
TEST(WholeCatalogue, LeavesTheWordsOfServersAlone) {
  Catalogue catalogue(directory);
  for (const char* subject : {"bounce", "smtp", "starttls", "delivery", "log"})
    for (const char* raw : {"550 5.1.1 The user does not exist", "mailbox joe@a.example does not exist", "Your address is on a blocklist", "554 5.7.1 mail from a.example takes no mail here", "550 x; y", "v=spf1 -all; timed out"})
      EXPECT_EQ(catalogue.said(subject, raw, Language::zh), raw) << subject;
}

/// Without the punctuation that other code puts around it.
std::string without_edges(std::string text) {
  const auto is_edge = [](char c) { return std::string_view(" ,.:;=()").find(c) != std::string_view::npos; };
  while (!text.empty() && is_edge(text.back())) text.pop_back();
  while (!text.empty() && is_edge(text.front())) text.erase(0, 1);
  return text;
}

/// A phrase that no code says any more is dead, and one that names other things in Chinese is wrong.
TEST(WholeCatalogue, HasPhrasesThatTheCodeSays) {
  const std::regex name(R"re(\{[a-z]+\})re");
  std::string code;
  for (const char* room : {"checks", "lib", "tools"})
    for (const auto& file : std::filesystem::recursive_directory_iterator(std::string(MAILMEDIC_SOURCE_DIR "/") + room))
      if (file.path().extension() == ".cpp" || file.path().extension() == ".hpp" || file.path().extension() == ".toml") {
        if (file.path().filename() == "findings.toml") continue;
        std::ostringstream text;
        text << std::ifstream(file.path()).rdbuf();
        code += text.str();
      }
  for (auto quote = code.find("\\\""); quote != std::string::npos; quote = code.find("\\\"", quote + 1)) code.erase(quote, 1);
  for (const auto& folder : std::filesystem::directory_iterator(MAILMEDIC_SOURCE_DIR "/checks")) {
    if (!exists(folder.path() / "findings.toml")) continue;
    const auto table = text::read_toml((folder.path() / "findings.toml").string()).value();
    const auto* phrases = table.if_contains("phrases");
    if (!phrases) continue;
    for (const auto& [english, value] : phrases->as_object()) {
      const std::string en(english), zh(value.as_string());
      EXPECT_EQ(placeholders(en), placeholders(zh)) << en;
      EXPECT_TRUE(has_chinese(zh)) << zh;
      for (std::sregex_token_iterator piece(en.begin(), en.end(), name, -1), end; piece != end; ++piece)
        if (const std::string words(without_edges(piece->str())); words.size() > 3) {
          EXPECT_NE(code.find(words), std::string::npos) << folder.path().filename() << ": \"" << words << "\" of \"" << en << "\" stands nowhere in the code";
        }
    }
  }
}
