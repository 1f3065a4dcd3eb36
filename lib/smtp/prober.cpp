#include "lib/smtp/prober.hpp"

#include <algorithm>

namespace mailmedic::smtp {

std::string_view outcome_text(StageRecord::Outcome outcome) {
  switch (outcome) {
    case StageRecord::Outcome::passed: return "passed";
    case StageRecord::Outcome::rejected: return "rejected";
    case StageRecord::Outcome::failed: return "failed";
  }
  return "failed";
}

const StageRecord* Probe::stage(Stage wanted) const {
  const auto found = std::find_if(stages.begin(), stages.end(), [&](const StageRecord& s) { return s.stage == wanted; });
  return found == stages.end() ? nullptr : &*found;
}

const Capabilities* Probe::best_capabilities() const {
  if (capabilities_after_xclient) return &*capabilities_after_xclient;
  if (capabilities_after_tls) return &*capabilities_after_tls;
  return capabilities ? &*capabilities : nullptr;
}

}  // namespace mailmedic::smtp
