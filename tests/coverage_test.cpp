// Every requirement of the DNS side and of signatures is met by a finding or a fact with tests, or its absence has a reason. The table of
// it is docs/requirements.md; to write it anew, run with MAILMEDIC_GOLDEN=write.
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "lib/text/ascii.hpp"
#include "lib/text/toml.hpp"
#include "reports/catalogue.hpp"

using namespace mailmedic;

namespace {

namespace fs = std::filesystem;
const std::string source = MAILMEDIC_SOURCE_DIR;

std::string content(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

struct Requirement {
  std::string number, severity, what;
};

std::vector<Requirement> requirements() {
  std::vector<Requirement> out;
  const std::string all = content(source + "/tests/coverage/requirements.tsv");
  for (const std::string_view line : text::split(all, '\n')) {
    const auto cells = text::split(line, '\t');
    if (line.starts_with('#') || cells.size() != 3) continue;
    out.push_back({std::string(cells[0]), std::string(cells[1]), std::string(cells[2])});
  }
  return out;
}

/// Ids of findings by requirement.
std::map<std::string, std::set<std::string>> findings() {
  reports::Catalogue catalogue(MAILMEDIC_BINARY_DIR "/share/mailmedic/findings");
  std::map<std::string, std::set<std::string>> out;
  for (const reports::Entry* entry : catalogue.all())
    for (const std::string_view number : text::split(entry->spec, ' ')) out[std::string(number)].insert(entry->id);
  EXPECT_EQ(catalogue.error(), "");
  return out;
}

/// Names of tests, and of those in whose text each finding's id stands.
struct Tests {
  std::set<std::string> names;
  std::map<std::string, std::set<std::string>> by_finding;

  Tests() {
    for (const auto& file : fs::recursive_directory_iterator(source + "/tests"))
      if (file.path().extension() == ".cpp") read(content(file.path()));
  }

 private:
  void read(const std::string& text) {
    static const std::regex head(R"re(\nTEST(?:_F|_P)?\((\w+),\s*(\w+)\))re"), id(R"re("([a-z_0-9]+\.[a-z0-9-]+)(?: [a-z]+)?")re");
    std::vector<std::pair<std::size_t, std::string>> starts;
    for (std::sregex_iterator at(text.begin(), text.end(), head), end; at != end; ++at)
      starts.emplace_back(static_cast<std::size_t>(at->position()), (*at)[1].str() + "." + (*at)[2].str());
    for (std::size_t i = 0; i < starts.size(); ++i) {
      names.insert(starts[i].second);
      const std::size_t ends = i + 1 < starts.size() ? starts[i + 1].first : text.size();
      const std::string body = text.substr(starts[i].first, ends - starts[i].first);
      for (std::sregex_iterator at(body.begin(), body.end(), id), end; at != end; ++at) by_finding[(*at)[1].str()].insert(starts[i].second);
    }
  }
};

/// What tests/coverage/*.toml says of rows that are no finding.
std::map<std::string, boost::json::object> notes() {
  std::map<std::string, boost::json::object> out;
  for (const auto& file : fs::directory_iterator(source + "/tests/coverage")) {
    if (file.path().extension() != ".toml") continue;
    const auto table = text::read_toml(file.path().string());
    EXPECT_TRUE(table) << (table ? "" : table.error().why);
    if (!table) continue;
    for (const auto& item : *table) out[std::string(item.key())] = item.value().as_object();
  }
  return out;
}

std::string list_of(const std::set<std::string>& all, std::size_t most) {
  std::string out;
  std::size_t count = 0;
  for (const std::string& one : all) {
    if (count++ == most) return out + " and " + std::to_string(all.size() - most) + " more";
    out += (out.empty() ? "" : "<br>") + one;
  }
  return out;
}

std::string cell(std::string text) {
  for (auto at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) text.replace(at, 1, "\\|");
  return text;
}

}  // namespace

TEST(Coverage, EveryRequirementIsMetAndTested) {
  const auto by_requirement = findings();
  const auto noted = notes();
  const Tests tests;
  std::string table =
      "# Requirements of the DNS side and of signatures\n\nWritten by tests/coverage_test.cpp; do not edit. Each row is met by findings (`mailmedic explain ID` tells more) or\n"
      "by facts of the JSON report, and by tests; a row that is left out has its reason.\n\n| requirement | what | met by | tests |\n|---|---|---|---|\n";
  for (const Requirement& row : requirements()) {
    const auto found = by_requirement.find(row.number);
    const auto note = noted.find(row.number);
    std::set<std::string> ids, tested;
    std::string met;
    if (found != by_requirement.end()) ids = found->second;
    for (const std::string& id : ids) {
      const auto those = tests.by_finding.find(id);
      EXPECT_TRUE(those != tests.by_finding.end()) << row.number << ": no test names the finding " << id;
      if (those != tests.by_finding.end()) tested.insert(those->second.begin(), those->second.end());
    }
    met = list_of(ids, 12);
    if (note != noted.end()) {
      const std::string fact = text::string_of(note->second, "fact"), left_out = text::string_of(note->second, "left_out");
      EXPECT_NE(fact.empty(), left_out.empty()) << row.number << ": tests/coverage must give either fact or left_out";
      met += (met.empty() ? "" : "<br>") + (fact.empty() ? "left out: " + left_out : fact);
      const std::vector<std::string> named = text::strings_of(note->second, "tests");
      EXPECT_TRUE(!fact.empty() ? !named.empty() : true) << row.number << ": a fact needs tests";
      for (const std::string& name : named) {
        EXPECT_TRUE(tests.names.contains(name)) << row.number << ": there is no test " << name;
        tested.insert(name);
      }
    }
    EXPECT_FALSE(met.empty()) << row.number << " is met by nothing: " << row.what;
    table += "| " + row.number + " (" + row.severity + ") | " + cell(row.what) + " | " + cell(met) + " | " + list_of(tested, 4) + " |\n";
  }
  const std::string path = source + "/docs/requirements.md";
  if (const char* mode = std::getenv("MAILMEDIC_GOLDEN"); mode && std::string_view(mode) == "write") std::ofstream(path) << table;
  EXPECT_EQ(table, content(path)) << "docs/requirements.md is out of date: run this test with MAILMEDIC_GOLDEN=write";
}

TEST(Coverage, NotesAreAboutRequirementsThatExist) {
  std::set<std::string> known;
  for (const Requirement& row : requirements()) known.insert(row.number);
  for (const auto& [number, note] : notes()) EXPECT_TRUE(known.contains(number)) << number;
}
