#pragma once
// What a tool has to say, before anybody decides how it looks.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "checks/check.hpp"
#include "reports/accepted_risks.hpp"
#include "reports/catalogue.hpp"
#include "reports/chart.hpp"
#include "reports/histogram.hpp"
#include "reports/measure.hpp"

namespace mailmedic::reports {

/// Something to look at in fixed columns: a tree of lookups, the stages of a connection, a transcript. Raw text; it is
/// escaped where it is printed.
struct Exhibit {
  std::string title;
  std::vector<std::string> lines;
  Chart chart{};  ///< in front of the lines; without bars: none
};

struct Report {
  std::string tool;                      ///< "audit"
  std::string version;
  std::string target;                    ///< what was asked about, as the user named it
  TimePoint started{};
  std::chrono::milliseconds duration{0};
  std::vector<CheckReport> checks;       ///< in report order
  Facts facts;                           ///< the tool's own facts; those of each check stand in it
  std::vector<Exhibit> exhibits;         ///< shown behind the findings
  std::vector<Measure> measures;         ///< for monitoring systems
  std::vector<Histogram> histograms;     ///< in HTML alone
  std::shared_ptr<const AcceptedRisks> accepted;  ///< null: none
};

/// The verdict of a whole report. Its number is the exit status of the tools (the monitoring plugins' convention).
enum class Status { ok = 0, warning = 1, problem = 2, inconclusive = 3 };

std::string_view status_word(Status status);       ///< "ok", "warning", "problem", "inconclusive"
std::string_view severity_word(Severity severity); ///< "info", "warning", "error", "critical"

/// A finding with its words filled in, and what it explains.
struct Judged {
  const Finding* finding = nullptr;
  std::string_view check;
  std::optional<Severity> severity;   ///< nothing: could not be told
  std::string subject;                ///< the finding's, in the language of the report
  std::string title, why, fix, publish;
  std::vector<Evidence> said;         ///< the evidence, our own words in it in the report's language; empty in English
  std::vector<std::string> references;
  std::vector<Judged> consequences;   ///< findings that this one explains (caused-by in the catalogue)
  const std::vector<Evidence>& evidence() const { return said.empty() ? finding->evidence : said; }
  const Acceptance* acceptance = nullptr;  ///< under which it falls, or fell until its day passed
};

struct Judgement {
  Status status = Status::ok;
  int problems = 0, warnings = 0, infos = 0, unknowns = 0;
  /// Root causes first: by severity, then in report order, consequences under their cause. What could not be told
  /// comes last.
  std::vector<Judged> findings;
  std::vector<Judged> accepted;   ///< accepted risks: not counted, not among `findings`
};

/// The report's findings in `language`. A finding that the catalogue does not know is shown by its id.
Judgement judge(const Report& report, Catalogue& catalogue, Language language);

}  // namespace mailmedic::reports
