#pragma once
// What the tests in the lab ask a report.
#include <cstdlib>
#include <map>

#include "tests/support/tool.hpp"

namespace mailmedic::lab {

using test::Ran;
using test::Words;
namespace json = boost::json;

inline const std::string resolver = "127.0.53.1:53";
inline const std::string faulty_resolver = "127.0.53.5:53";  ///< SERVFAIL, REFUSED, silence, by name

/// The folder of the running lab.
inline std::string folder() {
  const char* given = std::getenv("LAB_DIR");
  if (!given) throw std::runtime_error("LAB_DIR is not set: these tests run by tests/lab/fixture");
  return given;
}

/// A tool's words with the lab's resolver and authority behind them.
inline Words in_lab(Words words) {
  for (const std::string& word : {std::string("--resolver"), resolver, std::string("--ca-file"), folder() + "/keys/ca.pem"}) words.push_back(word);
  return words;
}

/// The tool's report as JSON; `run`, when given, is what it did.
inline json::object report_of(Words words, Ran* run = nullptr) {
  words.push_back("--json");
  Ran done = test::run_tool(std::move(words));
  EXPECT_GE(done.status, 0) << done.told();
  json::object report = done.json();
  if (run) *run = std::move(done);
  return report;
}

/// The value at "a.b.0.c", or null.
inline const json::value& at(const json::value& from, std::string_view path) {
  static const json::value nothing;
  const json::value* here = &from;
  while (!path.empty()) {
    const auto dot = path.find('.');
    const std::string_view step = path.substr(0, dot);
    path = dot == path.npos ? std::string_view() : path.substr(dot + 1);
    if (const auto* object = here->if_object()) here = object->if_contains(step);
    else if (const auto* array = here->if_array()) here = array->if_contains(std::strtoul(std::string(step).c_str(), nullptr, 10));
    else here = nullptr;
    if (!here) return nothing;
  }
  return *here;
}
inline const json::value& at(const json::object& from, std::string_view path) {
  static const json::value nothing;
  const auto dot = path.find('.');
  const json::value* first = from.if_contains(path.substr(0, dot));
  return !first ? nothing : dot == path.npos ? *first : at(*first, path.substr(dot + 1));
}

template <typename From>
std::string text_at(const From& from, std::string_view path) {
  const json::value& found = at(from, path);
  return found.is_string() ? std::string(found.get_string()) : json::serialize(found);
}

/// "spf.lookup-limit critical" for each finding that is more than a note.
inline std::multiset<std::string> above_info(const json::object& report) {
  std::multiset<std::string> out;
  for (const json::value& finding : report.at("findings").as_array())
    if (text_at(finding, "severity") != "info") out.insert(text_at(finding, "id") + " " + text_at(finding, "severity"));
  return out;
}

inline std::set<std::string> ids_in(const json::object& report, const char* kind) {
  std::set<std::string> out;
  for (const json::value& finding : report.at(kind).as_array()) out.insert(text_at(finding, "id"));
  return out;
}

}  // namespace mailmedic::lab
