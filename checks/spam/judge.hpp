#pragma once
// What spam engines say of a message, in words.
#include "checks/check.hpp"
#include "lib/spam/ask.hpp"

namespace mailmedic::spam {

/// Findings about the score and each rule that costs half a point or more; an engine that gave none is an unknown. Adds to
/// `report`, facts included: {engine, place, score, threshold, action, rules[]} under the engine's name.
void judge(const Engine& engine, const text::Parsed<Verdict>& verdict, CheckReport& report);

/// No engine was named, and none listens on this machine: an unknown.
void judge_absence(CheckReport& report);

/// What one part costs: the score of the message less that of the message without it.
struct Tried {
  std::string without;  ///< as in Reduced; the first is the message that the others are held against
  text::Parsed<Verdict> verdict;
};

/// A finding for each part that costs half a point or more, dearest first, with the rules that went with it; one that could not
/// be scored is an unknown. Adds to `report`, facts included: parts[] {without, costs, rules[]} under the engine's name.
void judge_parts(const Engine& engine, const std::vector<Tried>& tried, CheckReport& report);

}  // namespace mailmedic::spam
