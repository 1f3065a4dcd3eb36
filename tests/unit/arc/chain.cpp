// ARC: the published suite, and chains that cannot be told.
#include "checks/arc/chain.hpp"

#include <yaml-cpp/yaml.h>
#include "lib/text/ascii.hpp"

#include "../signature/signed_mail.hpp"

using namespace mailmedic;
using namespace mailmedic::signature_test;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

/// As on the wire.
std::string with_crlf(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

struct Looked {
  std::string text;
  message::RawMessage message;
  dns::Zone zone;
  signature::Workshop workshop;
  arc::Chain chain;
  CheckReport report{.check = "authentication"};

  Looked(std::string mail, dns::Zone world) : text(std::move(mail)), message(message::parse_raw(text).value()), zone(std::move(world)) {
    chain = test::run(arc::verify(message, zone, workshop));
    arc::judge(chain, report);
    for (const Finding& finding : report.findings) {
      test::expect_words_are_filled(finding);
      EXPECT_FALSE(finding.evidence.empty());
    }
  }
  Looked(const Looked&) = delete;
  std::vector<std::string> ids() const {
    std::vector<std::string> out;
    for (const Finding& finding : report.findings) out.emplace_back(finding.id);
    for (const Finding& unknown : report.unknowns) out.emplace_back(unknown.id);
    return out;
  }
};

struct Scenario {
  std::string zone;
  YAML::Node tests;
};

std::vector<Scenario> suite() {
  std::vector<Scenario> out;
  for (const YAML::Node& document : YAML::LoadAllFromFile(MAILMEDIC_SOURCE_DIR "/tests/vectors/arc/arc-draft-validation-tests.yml")) {
    if (!document.IsMap()) continue;
    Scenario& scenario = out.emplace_back();
    for (const auto& entry : document["txt-records"]) scenario.zone += txt(entry.first.as<std::string>() + ".", entry.second.as<std::string>());
    scenario.tests = document["tests"];
  }
  return out;
}

/// A message of the suite, with the zone of its scenario.
std::pair<std::string, dns::Zone> vector_of(const std::string& name) {
  for (const Scenario& scenario : suite())
    if (scenario.tests[name]) return {with_crlf(scenario.tests[name]["message"].as<std::string>()), dns::Zone::parse(scenario.zone).value()};
  throw std::runtime_error("the suite has no " + name);
}

}  // namespace

TEST(ArcCatalogue, FitsTheCode) { test::expect_catalogue_fits_code("arc"); }

/// All of it, none skipped. Where the suite leaves the verdict open (three chains that a server on the way called
/// broken, cv=fail), RFC 8617 section 5.2 step 2 says fail.
TEST(ArcChain, PublishedSuite) {
  int count = 0;
  for (const Scenario& scenario : suite()) {
    for (const auto& one : scenario.tests) {
      const std::string verdict = one.second["cv"].IsNull() ? "" : text::lower(one.second["cv"].as<std::string>());
      const Looked looked(with_crlf(one.second["message"].as<std::string>()), dns::Zone::parse(scenario.zone).value());
      EXPECT_EQ(arc::result_text(looked.chain.result), verdict.empty() ? "fail" : verdict) << one.first << ": " << looked.chain.why;
      ++count;
    }
  }
  EXPECT_EQ(count, 175);  // 171 names, four of them twice
}

TEST(ArcChain, SaysWhatItFound) {
  auto [none, nothing] = vector_of("cv_base1");
  EXPECT_THAT(Looked(none, nothing).ids(), IsEmpty());
  auto [good, zone] = vector_of("cv_pass_i2_1");
  EXPECT_THAT(Looked(good, zone).ids(), ElementsAre("arc.passes"));
  auto [bad, same] = vector_of("cv_fail_i2_as1_invalid");
  const Looked broken(bad, same);
  EXPECT_THAT(broken.ids(), ElementsAre("arc.fails"));
  EXPECT_THAT(broken.chain.why, testing::StartsWith("ARC-Seal "));
}

TEST(ArcChain, TellsFromWhereOnTheMessageIsUnchanged) {
  auto [changed, zone] = vector_of("cv_pass_i2_1_ams1_invalid");
  EXPECT_EQ(Looked(changed, zone).chain.oldest_pass, 2);
  auto [unchanged, same] = vector_of("cv_pass_i2_1");
  const Looked looked(unchanged, same);
  EXPECT_EQ(looked.chain.oldest_pass, 0);
  const auto json = arc::to_json(looked.chain, looked.message);
  EXPECT_EQ(json.at("result"), "pass");
  ASSERT_EQ(json.at("sets").as_array().size(), 2u);
  EXPECT_EQ(json.at("sets").at(0).at("cv"), "none");
  EXPECT_EQ(json.at("sets").at(1).at("seal").at("result"), "pass");
}

TEST(ArcChain, CannotTellWithoutTheKey) {
  auto [mail, zone] = vector_of("cv_pass_i1_1");
  zone.fail(dns::Name::parse("dummy._domainkey.example.org").value(), dns::Status::timed_out);
  const Looked looked(mail, std::move(zone));
  EXPECT_EQ(arc::result_text(looked.chain.result), "temperror");
  EXPECT_THAT(looked.report.findings, IsEmpty());
  EXPECT_EQ(looked.report.outcome, Outcome::inconclusive);
}

TEST(ArcChain, BoundsHostileChains) {
  std::string many;
  for (int i = 1; i <= 60; ++i) many += "ARC-Authentication-Results: i=" + std::to_string(i) + "; example.org; none\r\n";
  const Looked looked(many + std::string(letter), dns::Zone::parse("").value());
  EXPECT_EQ(arc::result_text(looked.chain.result), "fail");
  EXPECT_EQ(looked.chain.sets.size(), 50u);
  for (const std::string tags : {"", ";", "i=0", "i=1;;", "i=99999999999999999999", "=;=", "i=1; a=rsa-sha256; b=; cv=none"}) {
    const Looked odd("ARC-Seal: " + tags + "\r\nARC-Message-Signature: " + tags + "\r\n" + std::string(letter), dns::Zone::parse("").value());
    EXPECT_EQ(arc::result_text(odd.chain.result), "fail") << tags;
  }
}
