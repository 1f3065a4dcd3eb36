#include "reports/report.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "lib/text/ascii.hpp"

namespace mailmedic::reports {

std::string_view status_word(Status status) {
  switch (status) {
    case Status::ok: return "ok";
    case Status::warning: return "warning";
    case Status::problem: return "problem";
    case Status::inconclusive: return "inconclusive";
  }
  return "inconclusive";
}

std::string_view severity_word(Severity severity) {
  switch (severity) {
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
    case Severity::critical: return "critical";
  }
  return "info";
}

namespace {

int rank(const Judged& judged) { return judged.severity ? static_cast<int>(*judged.severity) : -1; }

/// Are two findings about the same thing: the same subject, or one's domain inside the other's? A finding without
/// subject is about the whole run.
bool related(std::string_view a, std::string_view b) {
  if (a == b || a.empty() || b.empty()) return true;
  if (a.size() < b.size()) std::swap(a, b);
  return a.ends_with(b) && a[a.size() - b.size() - 1] == '.';
}

/// The domain that a finding about an address was made for, or empty.
std::string_view domain_of(const Finding& finding) {
  for (const auto& [name, value] : finding.args)
    if (name == "domain") return value;
  return {};
}

/// "spf" of "spf.lookup-limit": whose phrases its values may be.
std::string_view finding_subject(const Finding& finding) { return finding.id.substr(0, finding.id.find('.')); }

Judged in_words(const Finding& finding, std::string_view check, bool unknown, Catalogue& catalogue, Language language) {
  Judged judged{.finding = &finding, .check = check};
  judged.subject = catalogue.said(finding_subject(finding), finding.subject, language);
  for (const Evidence& seen : finding.evidence) {
    if (language == Language::en) break;
    judged.said.push_back({catalogue.said(finding_subject(finding), seen.source, language), catalogue.said(finding_subject(finding), seen.text, language)});
  }
  const Entry* entry = catalogue.find(finding.id);
  if (!entry) {
    judged.title = finding.id;
    if (!unknown) judged.severity = finding.severity.value_or(Severity::warning);
    return judged;
  }
  if (!unknown) judged.severity = finding.severity ? finding.severity : entry->severity;
  const Words& words = entry->words(language);
  Args said = finding.args;
  if (language != Language::en)
    for (auto& [name, value] : said) value = catalogue.said(finding_subject(finding), value, language);
  judged.title = filled(words.title, said);
  judged.why = filled(words.why, said);
  judged.fix = filled(words.fix, said);
  judged.publish = filled(entry->publish, finding.args);
  judged.references = entry->references;
  return judged;
}

/// "bounce.*" names all findings of a subject.
bool names(std::string_view cause, std::string_view id) { return cause.ends_with(".*") ? id.starts_with(cause.substr(0, cause.size() - 1)) : cause == id; }

/// Which findings explain which. Each id is looked for once, however many findings it has.
class Causes {
 public:
  Causes(const std::vector<Judged>& all, Catalogue& catalogue) : all_(all), catalogue_(catalogue) {
    for (std::size_t i = 0; i < all.size(); ++i) by_id_[all[i].finding->id].push_back(i);
  }

  /// The index of the finding that explains `effect`, or nothing.
  std::optional<std::size_t> of(const Judged& effect) const {
    const Entry* entry = catalogue_.find(effect.finding->id);
    if (!entry) return std::nullopt;
    std::optional<std::size_t> best;
    for (const std::string& cause : entry->caused_by) {
      std::optional<std::size_t> same, near;
      for (const auto& [id, indices] : by_id_)
        if (names(cause, id)) look_among(indices, effect, same, near);
      if (same) return same;
      if (!best) best = near;
    }
    return best;
  }

 private:
  /// The first about the same subject, and the first about a related one.
  void look_among(const std::vector<std::size_t>& indices, const Judged& effect, std::optional<std::size_t>& same, std::optional<std::size_t>& near) const {
    const std::string_view domain = domain_of(*effect.finding);
    for (const std::size_t i : indices) {
      const Finding& finding = *all_[i].finding;
      if (&finding == effect.finding) continue;
      if (finding.subject == effect.finding->subject) {
        same = std::min(same.value_or(i), i);
        return;
      }
      if ((!near || i < *near) && (related(finding.subject, effect.finding->subject) || (!domain.empty() && related(finding.subject, domain)))) near = i;
    }
  }

  const std::vector<Judged>& all_;
  Catalogue& catalogue_;
  std::map<std::string_view, std::vector<std::size_t>> by_id_;
};

void count(const Judged& judged, Judgement& out) {
  if (!judged.severity) ++out.unknowns;
  else if (*judged.severity >= Severity::error) ++out.problems;
  else if (*judged.severity == Severity::warning) ++out.warnings;
  else ++out.infos;
}

void set_accepted_apart(const AcceptedRisks& risks, TimePoint now, std::vector<Judged>& all, std::vector<Judged>& accepted) {
  for (Judged& judged : all) {
    judged.acceptance = risks.covering(*judged.finding, now);
    if (judged.acceptance) accepted.push_back(std::move(judged));
  }
  std::erase_if(all, [](const Judged& judged) { return judged.acceptance != nullptr; });
  for (Judged& judged : all) judged.acceptance = risks.expired(*judged.finding, now);
}

}  // namespace

Judgement judge(const Report& report, Catalogue& catalogue, Language language) {
  std::vector<Judged> all;
  for (const CheckReport& check : report.checks)
    for (const Finding& finding : check.findings) all.push_back(in_words(finding, check.check, false, catalogue, language));
  // Several checks may have asked the same question: the reader needs to be told once.
  std::set<std::tuple<std::string_view, std::string_view, Args>> told;
  for (const CheckReport& check : report.checks)
    for (const Finding& unknown : check.unknowns)
      if (told.emplace(unknown.id, unknown.subject, unknown.args).second) all.push_back(in_words(unknown, check.check, true, catalogue, language));

  Judgement out;
  if (report.accepted) set_accepted_apart(*report.accepted, report.started, all, out.accepted);
  for (const Judged& judged : all) count(judged, out);
  out.status = out.problems ? Status::problem : out.warnings ? Status::warning : out.unknowns ? Status::inconclusive : Status::ok;

  // A cause may itself have a cause: walk up to the root, and never around.
  const Causes known(all, catalogue);
  std::vector<std::optional<std::size_t>> causes;
  for (const Judged& judged : all) causes.push_back(known.of(judged));
  const auto root_of = [&](std::size_t i) {
    std::size_t root = i;
    for (std::size_t steps = 0; causes[root] && steps < all.size(); ++steps) {
      root = *causes[root];
      if (root == i) return i;
    }
    return root;
  };
  std::map<std::size_t, std::vector<std::size_t>> explained;  // by each root
  for (std::size_t i = 0; i < all.size(); ++i)
    if (const std::size_t root = root_of(i); root != i) explained[root].push_back(i);
    else explained[i];
  for (const auto& [i, effects] : explained) {
    Judged root = std::move(all[i]);
    for (const std::size_t effect : effects) root.consequences.push_back(std::move(all[effect]));
    out.findings.push_back(std::move(root));
  }
  std::stable_sort(out.findings.begin(), out.findings.end(), [](const Judged& a, const Judged& b) { return rank(a) > rank(b); });
  return out;
}

}  // namespace mailmedic::reports
