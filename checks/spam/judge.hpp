#pragma once
// What spam engines say of a message, in words.
#include "checks/check.hpp"
#include "lib/spam/ask.hpp"

namespace mailmedic::spam {

/// Findings about the score and each rule that costs half a point or more; an engine that gave none is an unknown. Adds to
/// `report`, facts included: {engine, place, score, threshold, action, rules[]} under the engine's name.
void judge(const Engine& engine, const text::Parsed<Verdict>& verdict, CheckReport& report);

}  // namespace mailmedic::spam
