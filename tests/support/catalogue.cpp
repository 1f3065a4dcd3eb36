#include "tests/support/catalogue.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "lib/text/toml.hpp"

namespace mailmedic::test {
namespace {

std::set<std::string> found_in(const std::string& text, const std::string& pattern) {
  std::set<std::string> out;
  const std::regex expression(pattern);
  for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at) out.insert((*at)[1].str());
  return out;
}

// The finding ids that the sources of checks/SUBJECT name as string literals.
std::set<std::string> ids_in_code(const std::string& subject) {
  std::set<std::string> out;
  for (const auto& file : std::filesystem::directory_iterator(MAILMEDIC_SOURCE_DIR "/checks/" + subject)) {
    if (file.path().extension() != ".cpp") continue;
    std::ostringstream text;
    text << std::ifstream(file.path()).rdbuf();
    out.merge(found_in(text.str(), "\"(" + subject + R"re(\.[a-z0-9-]+)")re"));
  }
  return out;
}

boost::json::object catalogue_of(const std::string& subject) {
  return text::read_toml(MAILMEDIC_SOURCE_DIR "/checks/" + subject + "/findings.toml").value();
}

}  // namespace

void expect_catalogue_fits_code(const std::string& subject) {
  std::set<std::string> explained;
  for (const auto& [key, value] : catalogue_of(subject)) {
    if (key == "about" || key == "phrases") continue;
    explained.insert(subject + "." + std::string(key));
    const auto& entry = value.as_object();
    for (const auto* word : {"spec", "severity", "references", "en", "zh"}) EXPECT_TRUE(entry.contains(word)) << key << " lacks " << word;
    for (const auto* language : {"en", "zh"})
      for (const auto* word : {"title", "why", "fix"})
        EXPECT_FALSE(text::string_of(entry.at(language).as_object(), word).empty()) << key << " lacks " << language << "." << word;
  }
  EXPECT_EQ(ids_in_code(subject), explained);
}

void expect_words_are_filled(const Finding& finding) {
  const std::string id(finding.id);
  const auto dot = id.find('.');
  const auto catalogue = catalogue_of(id.substr(0, dot));
  ASSERT_TRUE(catalogue.contains(id.substr(dot + 1))) << id;
  const std::string words = boost::json::serialize(catalogue.at(id.substr(dot + 1)));
  for (const std::string& name : found_in(words, R"re(\{([a-z0-9_-]+)\})re")) {
    const auto same = [&](const auto& arg) { return arg.first == name; };
    EXPECT_TRUE(std::any_of(finding.args.begin(), finding.args.end(), same)) << id << " gives no {" << name << "}";
  }
}

}  // namespace mailmedic::test
