// The catalogue as a whole, whatever the subject.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <algorithm>
#include <set>

#include "checks/table/table.hpp"
#include "lib/text/shown.hpp"
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
