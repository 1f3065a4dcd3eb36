// The class and the kind (hard or not) of each recipient in sisimai's set, beside what sisimai says. Where the two differ,
// tests/vectors/bounces/differences.toml says why in a sentence.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <iostream>

#include "checks/bounce/classify.hpp"
#include "lib/text/toml.hpp"
#include "tests/support/tool.hpp"

using namespace mailmedic;

namespace {

const std::string vectors = MAILMEDIC_SOURCE_DIR "/tests/vectors/bounces/";

struct Said {
  std::string category;
  bool hard = false;
};

Said said_of(const bounce::Classifier& classifier, const message::RecipientReport& report) {
  const bounce::Verdict verdict = classifier.classify(report);
  if (!verdict.rule) return {"unmatched", false};
  return {std::string(verdict.rule->reason->category), verdict.rule->retry == bounce::Retry::never};
}

}  // namespace

TEST(BounceClasses, AgreeWithSisimaiOrSayWhyNot) {
  const auto classifier = bounce::Classifier::make(bounce::read_rules({MAILMEDIC_SOURCE_DIR "/checks/bounce/rules"}).value()).value();
  const auto expected = boost::json::parse(test::content_of(vectors + "sisimai/expected.json")).as_object();
  const auto classes = text::read_toml(vectors + "classes.toml").value().at("classes").as_object();
  const auto differences = text::read_toml(vectors + "differences.toml").value();
  std::size_t recipients = 0, class_agrees = 0, hard_agrees = 0, explained = 0;
  for (const auto& [name, labels] : expected) {
    const auto report = message::read_delivery_report(test::content_of(vectors + "sisimai/" + std::string(name)));
    std::string found;
    for (std::size_t i = 0; i < labels.as_array().size() && i < report.recipients.size(); ++i) {
      const auto& label = labels.as_array()[i].as_object();
      const std::string reason(label.at("reason").as_string());
      const auto* agreeing = classes.if_contains(reason);
      if (!agreeing) continue;  // feedback, vacation, delivered: no refusals
      ++recipients;
      const Said ours = said_of(classifier, report.recipients[i]);
      const bool same_class = std::any_of(agreeing->as_array().begin(), agreeing->as_array().end(), [&](const auto& one) { return one.as_string() == ours.category; });
      const bool same_kind = ours.hard == label.at("hard").as_bool();
      class_agrees += same_class;
      hard_agrees += same_kind;
      if (same_class && same_kind) continue;
      const std::string here = reason + (label.at("hard").as_bool() ? " hard" : " soft") + ", ours " + ours.category + (ours.hard ? " hard: " : " soft: ") + report.recipients[i].diagnostic;
      if (found.find(here) == found.npos) found += (found.empty() ? "" : "\n  ") + here;
      explained += differences.contains(name) && differences.at(name).as_object().contains("class");
    }
    const bool is_named = differences.contains(name) && differences.at(name).as_object().contains("class");
    EXPECT_EQ(!found.empty(), is_named) << name << ": " << found;
  }
  std::cout << recipients << " recipients: the class agrees for " << class_agrees << ", hard or soft for " << hard_agrees << "; " << explained << " differ and are explained\n";
  EXPECT_EQ(recipients, 280u);
  EXPECT_GE(class_agrees * 100, recipients * 90);
}
