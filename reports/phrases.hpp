#pragma once
#include <string_view>

#include "reports/catalogue.hpp"

namespace mailmedic::reports {

/// The few words of the reports themselves, in both languages.
struct Phrases {
  std::string_view ok, warning, problem, inconclusive;                 // verdicts
  std::string_view info, warning_finding, error, critical, unknown;    // of a finding
  std::string_view why, seen, fix, publish, also, see, checks, nothing_found, not_applicable, ran, not_told;
  std::string_view problems_n, warnings_n, notes_n, unknowns_n, took, made_by, colon;
  std::string_view accepted, until, accepted_until;
};

const Phrases& phrases(Language language);

/// "problems", or "problem" for one.
std::string_view noun_for(int count, std::string_view nouns, Language language);

}  // namespace mailmedic::reports
