#pragma once
// Risks that somebody has accepted until a day: findings that are shown apart and do not count.
#include <chrono>
#include <string>
#include <vector>

#include "checks/check.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::reports {

struct Acceptance {
  std::string finding;              ///< the finding's id
  std::string subject;              ///< the finding's subject; "*.example.org": all below that domain; "*": any
  std::string reason;
  std::chrono::sys_days until{};    ///< the last day on which it holds
};

class AcceptedRisks {
 public:
  /// A TOML file of tables [[accept]] with finding, subject, reason and until (a date); all are needed. The error
  /// names file and entry.
  static text::Parsed<AcceptedRisks> read(const std::string& path);

  /// The acceptance under which a finding falls at `now`, or null.
  const Acceptance* covering(const Finding& finding, TimePoint now) const;
  /// The acceptance that would cover the finding, had its day not passed; or null.
  const Acceptance* expired(const Finding& finding, TimePoint now) const;
  const std::vector<Acceptance>& all() const { return all_; }

 private:
  std::vector<Acceptance> all_;
};

/// "2027-03-01"
std::string day_text(std::chrono::sys_days day);

}  // namespace mailmedic::reports
