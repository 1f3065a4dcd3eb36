// The rules as data: every rule fits its own samples, and a wrong file says where it is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "checks/bounce/classify.hpp"
#include "checks/bounce/reply_text.hpp"
#include "lib/pattern/set.hpp"
#include "lib/text/ascii.hpp"

using namespace mailmedic;
using bounce::Classifier;
using bounce::Ground;
using bounce::Rule;
using testing::HasSubstr;

namespace {

const std::string rules_folder = MAILMEDIC_SOURCE_DIR "/checks/bounce/rules";

const Classifier& shipped() {
  static const Classifier classifier = Classifier::make(bounce::read_rules({rules_folder}).value()).value();
  return classifier;
}

/// A file of rules alone in a folder, and what reading it says.
std::string error_of(const std::string& text) {
  const std::string folder = testing::TempDir() + "wrong-rules";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/mine.toml") << text;
  auto rules = bounce::read_rules({folder});
  if (!rules) return rules.error().why;
  auto made = Classifier::make(std::move(*rules));
  return made ? "" : made.error().why;
}

constexpr const char* head = "source = \"here\"\nread = 2026-01-01\n[[rule]]\nid = \"mine.one\"\n";

}  // namespace

TEST(BounceRules, EverySampleFitsItsRule) {
  std::size_t samples = 0;
  for (const Rule& rule : shipped().rules().rules) {
    EXPECT_FALSE(rule.samples.empty()) << rule.id;
    for (const std::string& sample : rule.samples) {
      ++samples;
      message::RecipientReport report = bounce::read_reply(sample);
      const bounce::Verdict bare = shipped().classify(report);
      if (!rule.only_here) {
        EXPECT_EQ(bare.rule ? bare.rule->id : "none", rule.id) << rule.file << "\nbare: " << sample;
      }
      if (rule.provider < 0) continue;
      const bounce::Provider& provider = shipped().rules().providers[static_cast<std::size_t>(rule.provider)];
      if (provider.hosts.empty()) continue;
      report.remote_mta = provider.hosts[0].starts_with("*.") ? "mx" + provider.hosts[0].substr(1) : provider.hosts[0];
      const bounce::Verdict known = shipped().classify(report);
      EXPECT_EQ(known.rule ? known.rule->id : "none", rule.id) << rule.file << "\nfrom " << report.remote_mta << ": " << sample;
    }
  }
  EXPECT_GE(samples, 400u);
}

TEST(BounceRules, EverySampleOfATicketHasIt) {
  const auto tickets_in = [](std::string_view reply) { return shipped().classify({.diagnostic = std::string(reply)}).tickets; };
  EXPECT_GE(shipped().rules().tickets.size(), 5u);
  for (const bounce::Ticket& ticket : shipped().rules().tickets) {
    EXPECT_FALSE(ticket.samples.empty()) << ticket.file;
    for (const auto& [reply, number] : ticket.samples) EXPECT_EQ(tickets_in(reply), std::vector<std::string>{number}) << ticket.file;
  }
  // Codes, addresses, dates and the words about them are none; nor is what other rules' samples say.
  for (const char* reply : {"550 5.1.1 User unknown", "451 4.7.1 Greylisted, see https://postgrey.example/?id=1234567", "550 5.7.1 Your message id was not accepted", "554 error code: 550 5.7.1", "550 No reference to a ticket here", "550 case number of recipients"})
    EXPECT_EQ(tickets_in(reply), std::vector<std::string>{}) << reply;
  EXPECT_EQ(tickets_in(std::string(100'000, '[') + " ticket id"), std::vector<std::string>{});
  EXPECT_THAT(error_of("[[ticket]]\nmatch = '(a'\nsource = \"x\"\nread = 2026-01-01\n"), HasSubstr("mine.toml:1: ticket: pattern '(a'"));
  EXPECT_THAT(error_of("[[ticket]]\nmatch = 'a'\nsource = \"x\"\nread = 2026-01-01\n"), HasSubstr("it needs one group"));
  EXPECT_THAT(error_of("[[ticket]]\nmatch = '(a)'\n"), HasSubstr("mine.toml:1: ticket: it has no source"));
}

TEST(BounceRules, EveryCodeOfTheRegistryHasARule) {
  std::ifstream registry(MAILMEDIC_SOURCE_DIR "/reports/status/enhanced-status-codes.tsv");
  std::string line;
  std::getline(registry, line);
  int codes = 0;
  while (std::getline(registry, line)) {
    const std::string code(text::split(line, '\t')[0]);
    // "Other or undefined" says no more than the class; X.1.5 and X.3.2 say what is fine.
    if (code == "X.0.0" || code == "X.1.5") continue;
    ++codes;
    const message::RecipientReport report{.status = "5" + code.substr(1)};
    const bounce::Verdict verdict = shipped().classify(report);
    EXPECT_EQ(verdict.ground, Ground::status) << code;
  }
  EXPECT_GT(codes, 70);
}

TEST(BounceRules, AWrongFileSaysWhere) {
  EXPECT_THAT(error_of("source = 1\n[[rule\n"), HasSubstr("mine.toml:2: "));
  EXPECT_THAT(error_of(std::string(head) + "match = ['x']\nreason = \"no-such\"\n"), HasSubstr("mine.toml:3: rule mine.one: there is no reason \"no-such\""));
  EXPECT_THAT(error_of(std::string(head) + "reason = \"spam\"\n"), HasSubstr("it fits everything"));
  EXPECT_THAT(error_of(std::string(head) + "match = ['a(b']\nreason = \"spam\"\n"), HasSubstr("mine.toml:3: rule mine.one: pattern 'a(b': missing )"));
  EXPECT_THAT(error_of(std::string(head) + "match = ['x']\nreason = \"spam\"\nspandetected = true\n"), HasSubstr("there is no key \"spandetected\""));
  EXPECT_THAT(error_of(std::string(head) + "status = [\"7.7.7\"]\nreason = \"spam\"\n"), HasSubstr("status \"7.7.7\" is no enhanced code"));
  EXPECT_THAT(error_of(std::string(head) + "reply = [\"600\"]\nreason = \"spam\"\n"), HasSubstr("reply \"600\" is no code"));
  EXPECT_THAT(error_of(std::string(head) + "match = ['x']\nreason = \"spam\"\nretry = \"soon\"\n"), HasSubstr("retry = \"soon\""));
  EXPECT_THAT(error_of("[[rule]]\nid = \"a\"\nmatch = ['x']\nreason = \"spam\"\n"), HasSubstr("mine.toml:1: rule a: it has no source and date"));
  EXPECT_THAT(error_of(std::string(head) + "match = ['x']\nreason = \"spam\"\n[[rule]]\nid = \"mine.one\"\nmatch = ['y']\nreason = \"spam\"\n"), HasSubstr("mine.toml:7: there is a rule mine.one already, at"));
  EXPECT_THAT(error_of("x = 1\n"), HasSubstr("there is no [[rule]]"));
  EXPECT_THAT(bounce::read_rules({"/nonexistent"}).error().why, HasSubstr("/nonexistent: "));
}

TEST(BounceRules, TheUsersFolderComesFirst) {
  const std::string folder = testing::TempDir() + "own-rules";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/own.toml") << head << "match = ['house rule 17']\nreason = \"recipient-refuses\"\nsamples = ['x']\n[[rule]]\nid = \"gmail.rate\"\nmatch = ['slow down, gmail']\nreason = \"greylisted\"\n";
  const Classifier own = Classifier::make(bounce::read_rules({rules_folder, folder}).value()).value();
  EXPECT_EQ(own.rules().find("gmail.rate")->reason->id, "greylisted");
  const bounce::Verdict verdict = own.classify(bounce::read_reply("554 5.1.1 user unknown, see house rule 17"));
  EXPECT_EQ(verdict.rule->id, "mine.one");
}

/// What is told of a pattern without the engine only spares work: it hides no text that the pattern fits.
TEST(BounceRules, PatternsAreFoundAsTheEngineAloneFindsThem) {
  pattern::Set set, engine_alone;
  const auto add = [&](const std::string& one) {
    set.add(one);
    engine_alone.add("(?:" + one + ")(?i)");  // nothing is told of what sets flags
  };
  for (const bounce::Provider& provider : shipped().rules().providers)
    for (const std::string& mark : provider.marks) add(mark);
  for (const Rule& rule : shipped().rules().rules)
    for (const std::string& one : rule.match) add(one);
  ASSERT_EQ(set.compile().why, "");
  ASSERT_EQ(engine_alone.compile().why, "");
  std::size_t found = 0;
  for (const Rule& rule : shipped().rules().rules) {
    for (const std::string& sample : rule.samples) {
      const std::vector<int> fit = engine_alone.match(sample);
      found += fit.size();
      EXPECT_EQ(set.match(sample), fit) << sample;
    }
  }
  EXPECT_GT(found, 1000u);
}
