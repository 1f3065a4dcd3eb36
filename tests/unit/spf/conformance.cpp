// The openspf suite for RFC 7208, tests/vectors/spf/rfc7208-tests.yml: one test a case, none skipped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <set>

#include "checks/spf/evaluate.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;

namespace {

struct Case {
  std::string id, spec;
  spf::Query query;
  std::vector<std::string> results;  // any of them is right
  std::optional<std::string> explanation;
  std::shared_ptr<dns::Zone> zone;
};

void PrintTo(const Case& test, std::ostream* out) { *out << test.id << " (RFC 7208 section " << test.spec << ")"; }

dns::Name name_of(const std::string& text) { return text.empty() ? dns::Name() : dns::Name::from_bytes(text).value(); }

dns::Txt txt_of(const YAML::Node& value) {
  std::vector<std::string> strings;
  if (value.IsSequence())
    strings = value.as<std::vector<std::string>>();
  else
    strings = {value.as<std::string>()};
  dns::Txt txt;
  for (const std::string& string : strings) {
    txt.text += string;
    txt.sizes.push_back(static_cast<std::uint8_t>(string.size()));
  }
  return txt;
}

/// The suite writes bytes as \xNN in double quotes; YAML makes code points of them, yaml-cpp UTF-8. Either way they
/// are not ASCII, which is all that the cases are about.
void add(dns::Zone& zone, const dns::Name& owner, const std::string& type, const YAML::Node& value) {
  dns::Record record;
  record.owner = owner;
  if (type == "A" || type == "AAAA") {
    record.type = type == "A" ? dns::Type::a : dns::Type::aaaa;
    record.data = boost::asio::ip::make_address(value.as<std::string>());
  } else if (type == "TXT") {
    record.type = dns::Type::txt;
    record.data = txt_of(value);
  } else if (type == "SPF") {
    record.type = dns::Type::spf;
    record.data = dns::Raw{};
  } else if (type == "MX") {
    record.type = dns::Type::mx;
    record.data = dns::Mx{value[0].as<std::uint16_t>(), name_of(value[1].as<std::string>())};
  } else if (type == "PTR" || type == "CNAME") {
    record.type = type == "PTR" ? dns::Type::ptr : dns::Type::cname;
    record.data = name_of(value.as<std::string>());
  } else {
    throw std::runtime_error("the suite has a record type that this test does not know: " + type);
  }
  zone.add(std::move(record));
}

std::shared_ptr<dns::Zone> zone_of(const YAML::Node& data) {
  auto zone = std::make_shared<dns::Zone>();
  for (const auto& entry : data) {
    const dns::Name owner = name_of(entry.first.as<std::string>());
    bool has_txt = false, times_out = false;
    std::set<dns::Type> held;
    for (const auto& item : entry.second) {
      if (item.IsScalar())
        times_out = times_out || item.as<std::string>() == "TIMEOUT";
      else
        has_txt = has_txt || item.begin()->first.as<std::string>() == "TXT";
    }
    for (const auto& item : entry.second) {
      if (item.IsScalar()) continue;
      const auto type = item.begin()->first.as<std::string>();
      const YAML::Node value = item.begin()->second;
      const bool none = type == "TXT" && value.IsScalar() && value.as<std::string>() == "NONE";
      if (none) continue;
      add(*zone, owner, type, value);
      if (type == "TXT") held.insert(dns::Type::txt);
      if (type == "SPF" && !has_txt) {  // stands for a TXT record too
        add(*zone, owner, "TXT", value);
        held.insert(dns::Type::txt);
      }
      if (type == "A") held.insert(dns::Type::a);
    }
    if (times_out)
      for (const dns::Type type : {dns::Type::txt, dns::Type::a, dns::Type::aaaa, dns::Type::mx, dns::Type::ptr})
        if (!held.contains(type)) zone->fail(owner, type, dns::Status::timed_out);
  }
  return zone;
}

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const YAML::Node& scenario : YAML::LoadAllFromFile(MAILMEDIC_SOURCE_DIR "/tests/vectors/spf/rfc7208-tests.yml")) {
    if (!scenario.IsMap()) continue;
    const auto zone = zone_of(scenario["zonedata"]);
    for (const auto& entry : scenario["tests"]) {
      const YAML::Node& test = entry.second;
      Case made;
      made.id = entry.first.as<std::string>();
      made.spec = test["spec"].IsSequence() ? "several" : test["spec"].as<std::string>();
      made.zone = zone;
      made.query.ip = boost::asio::ip::make_address(test["host"].as<std::string>());
      made.query.helo = test["helo"].as<std::string>();
      made.query.sender = test["mailfrom"].as<std::string>();
      made.query.default_explanation = "DEFAULT";
      if (test["result"].IsSequence())
        made.results = test["result"].as<std::vector<std::string>>();
      else
        made.results = {test["result"].as<std::string>()};
      if (test["explanation"]) made.explanation = test["explanation"].as<std::string>();
      out.push_back(std::move(made));
    }
  }
  return out;
}

const std::vector<Case>& all_cases() {
  static const std::vector<Case> made = cases();
  return made;
}

class Rfc7208 : public testing::TestWithParam<Case> {};

}  // namespace

TEST_P(Rfc7208, HasTheExpectedResult) {
  const Case& test = GetParam();
  const spf::Evaluation evaluation = test::run(spf::evaluate(test.query, *test.zone));
  EXPECT_THAT(test.results, testing::Contains(spf::result_text(evaluation.result)))
      << evaluation.why << "\nrecord: " << evaluation.trace.record;
  if (test.explanation) {
    EXPECT_EQ(evaluation.explanation, *test.explanation);
  }
}

INSTANTIATE_TEST_SUITE_P(Openspf, Rfc7208, testing::ValuesIn(all_cases()), [](const auto& info) {
  std::string name = info.param.id;
  std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name + "_" + std::to_string(info.index);
});

TEST(Rfc7208Suite, HasAllItsCases) { EXPECT_EQ(all_cases().size(), 203u); }
