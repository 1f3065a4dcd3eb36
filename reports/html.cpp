#include "reports/html.hpp"

#include <ctemplate/template.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <numeric>

#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"
#include "reports/json.hpp"
#include "reports/phrases.hpp"

namespace mailmedic::reports {

namespace {

std::string_view css_class(const std::optional<Severity>& severity) { return severity ? severity_word(*severity) : "unknown"; }

class Page {
 public:
  Page(Catalogue& catalogue, Language language) : catalogue_(catalogue), language_(language), say_(phrases(language)), page_("page") {}

  void fill(const std::vector<Report>& reports) {
    set(page_, "LANG", language_ == Language::zh ? "zh-CN" : "en");
    const std::pair<const char*, std::string_view> labels[] = {{"L_WHY", say_.why}, {"L_SEEN", say_.seen}, {"L_FIX", say_.fix},
        {"L_PUBLISH", say_.publish}, {"L_ALSO", say_.also}, {"L_SEE", say_.see}, {"L_CHECKS", say_.checks}, {"L_MADE_BY", say_.made_by}};
    for (const auto& [name, text] : labels) page_.SetValue(name, std::string(text));
    std::string titles;
    for (const Report& report : reports) titles += (titles.empty() ? "" : ", ") + text::shown(report.target, 100);
    set(page_, "TITLE", titles);
    if (!reports.empty()) set(page_, "VERSION", reports.front().version);
    for (const Report& report : reports) one(report, *page_.AddSectionDictionary("REPORT"));
  }
  const ctemplate::TemplateDictionary& dictionary() const { return page_; }

 private:
  using Dictionary = ctemplate::TemplateDictionary;
  static void set(Dictionary& where, const char* name, std::string_view text) { where.SetValue(name, std::string(text)); }
  static void show(Dictionary& where, const char* section, const char* name, std::string_view text) {
    if (!text.empty()) set(*where.AddSectionDictionary(section), name, text);
  }

  void one(const Report& report, Dictionary& out) {
    const Judgement judgement = judge(report, catalogue_, language_);
    const std::string_view verdicts[] = {say_.ok, say_.warning, say_.problem, say_.inconclusive};
    set(out, "TARGET", text::shown(report.target, 300));
    set(out, "STATUS", status_word(judgement.status));
    set(out, "VERDICT", verdicts[static_cast<int>(judgement.status)]);
    set(out, "STARTED", iso_time(report.started));
    set(out, "TOOK", fmt::format("{:.2f} s", std::chrono::duration<double>(report.duration).count()));
    const std::tuple<int, std::string_view, const char*> counts[] = {{judgement.problems, say_.problems_n, "error"},
        {judgement.warnings, say_.warnings_n, "warning"}, {judgement.infos, say_.notes_n, "info"}, {judgement.unknowns, say_.unknowns_n, "unknown"}};
    for (const auto& [count, what, kind] : counts) {
      if (!count) continue;
      Dictionary& chip = *out.AddSectionDictionary("COUNT");
      set(chip, "NUMBER", std::to_string(count));
      set(chip, "WHAT", noun_for(count, what, language_));
      set(chip, "KIND", kind);
    }
    if (judgement.findings.empty()) show(out, "NOTHING", "TEXT", say_.nothing_found);
    for (const Judged& judged : judgement.findings) finding(judged, *out.AddSectionDictionary("FINDING"));
    for (const Judged& judged : judgement.accepted) {
      Dictionary& row = *out.AddSectionDictionary("ACCEPTED");
      set(row, "WORD", word(judged.severity));
      set(row, "SUMMARY", text::shown(judged.title, 1000));
      set(row, "ID", judged.finding->id);
      set(row, "REASON", fmt::format("{} {}{}{}", say_.until, day_text(judged.acceptance->until), say_.colon, text::shown(judged.acceptance->reason, 1000)));
    }
    if (!judgement.accepted.empty()) show(out, "ANY_ACCEPTED", "HEADING", fmt::format("{} ({})", say_.accepted, judgement.accepted.size()));
    for (const Exhibit& exhibit : report.exhibits) {
      Dictionary& section = *out.AddSectionDictionary("EXHIBIT");
      set(section, "NAME", text::shown(exhibit.title, 300));
      if (!exhibit.chart.bars.empty()) chart(exhibit.chart, *section.AddSectionDictionary("CHART"));
      std::string lines;
      for (const std::string& line : exhibit.lines) lines += text::shown(line) + "\n";
      show(section, "LINES", "TEXT", lines);
    }
    for (const Histogram& shown : report.histograms) histogram(shown, *out.AddSectionDictionary("HISTOGRAM"));
    for (const CheckReport& check : report.checks) {
      Dictionary& row = *out.AddSectionDictionary("CHECK");
      set(row, "NAME", catalogue_.title(check.check, language_));
      std::string how(check.outcome == Outcome::ran ? say_.ran : check.outcome == Outcome::inconclusive ? say_.not_told : say_.not_applicable);
      if (!check.reason.empty()) how += fmt::format(" ({})", text::shown(catalogue_.said(check.check, check.reason, language_)));
      set(row, "HOW", how);
      boost::json::value facts(check.facts);
      make_valid_utf8(facts);
      if (!check.facts.empty()) show(row, "FACTS", "JSON", text::shown(boost::json::serialize(facts), 20000));
    }
  }

  /// The drawing's own measures: rows of 22 units, names on the left, bars in the middle, numbers on the right.
  static void chart(const Chart& chart, Dictionary& out) {
    static constexpr double row_height = 22, left = 190, span = 540;
    static constexpr const char* tones[] = {"good", "bad", "broken"};
    const auto number = [](double value) { return fmt::format("{:.1f}", value); };
    const double end = chart.end(), scale = end > 0 ? span / end : 0;
    set(out, "HEIGHT", number(row_height * static_cast<double>(chart.bars.size())));
    set(out, "NAME", text::shown(chart.title, 300));
    double top = 0;
    for (const Bar& bar : chart.bars) {
      Dictionary& row = *out.AddSectionDictionary("BAR");
      const double from = left + bar.start * scale, width = std::max(1.0, bar.length * scale);
      const std::pair<const char*, double> numbers[] = {{"Y", top + 4}, {"BASE", top + 16}, {"X", from}, {"WIDTH", width}, {"BEHIND", std::min(from + width + 6, left + span + 6)}};
      for (const auto& [name, value] : numbers) set(row, name, number(value));
      set(row, "TONE", tones[static_cast<int>(bar.tone)]);
      set(row, "LABEL", text::shown(bar.label, 60));
      set(row, "NOTE", text::shown(bar.note, 60));
      top += row_height;
    }
  }

  /// Stacked columns on a field of 720 by 160 units.
  static void histogram(const Histogram& chart, Dictionary& out) {
    constexpr double width = 720, height = 160;
    set(out, "NAME", text::shown(chart.title, 300));
    for (std::size_t i = 0; i < chart.series.size(); ++i) {
      Dictionary& row = *out.AddSectionDictionary("SERIES");
      set(row, "KIND", std::to_string(i));
      set(row, "TEXT", text::shown(chart.series[i], 100));
    }
    std::uint64_t most = 1;
    for (const Histogram::Column& column : chart.columns) most = std::max(most, std::accumulate(column.values.begin(), column.values.end(), std::uint64_t{0}));
    const double step = width / static_cast<double>(std::max<std::size_t>(1, chart.columns.size()));
    for (std::size_t at = 0; at < chart.columns.size(); ++at) {
      double y = height;
      for (std::size_t i = 0; i < chart.columns[at].values.size(); ++i) {
        const std::uint64_t value = chart.columns[at].values[i];
        if (value == 0) continue;
        const double tall = height * static_cast<double>(value) / static_cast<double>(most);
        y -= tall;
        Dictionary& bar = *out.AddSectionDictionary("BAR");
        set(bar, "KIND", std::to_string(i));
        set(bar, "X", fmt::format("{:.1f}", step * static_cast<double>(at)));
        set(bar, "Y", fmt::format("{:.1f}", y));
        set(bar, "W", fmt::format("{:.1f}", step * 0.9));
        set(bar, "H", fmt::format("{:.1f}", tall));
        set(bar, "TIP", text::shown(fmt::format("{}: {} {}", chart.columns[at].label, value, i < chart.series.size() ? chart.series[i] : ""), 200));
      }
    }
    if (chart.columns.empty()) return;
    set(out, "FIRST", text::shown(chart.columns.front().label, 100));
    set(out, "LAST", text::shown(chart.columns.back().label, 100));
    set(out, "MOST", std::to_string(most));
  }

  std::string_view word(const std::optional<Severity>& severity) const {
    const std::string_view words[] = {say_.info, say_.warning_finding, say_.error, say_.critical};
    return severity ? words[static_cast<int>(*severity)] : say_.unknown;
  }

  void finding(const Judged& judged, Dictionary& out) {
    set(out, "SEVERITY", css_class(judged.severity));
    set(out, "WORD", word(judged.severity));
    set(out, "SUMMARY", text::shown(judged.title, 1000));
    set(out, "ID", judged.finding->id);
    set(out, "SUBJECT", text::shown(judged.subject, 300));
    if (judged.acceptance)
      show(out, "EXPIRED", "TEXT", fmt::format("{} {}{}{}", say_.accepted_until, day_text(judged.acceptance->until), say_.colon, text::shown(judged.acceptance->reason, 1000)));
    show(out, "WHY", "TEXT", text::shown(judged.why));
    show(out, "FIX", "TEXT", text::shown(judged.fix));
    show(out, "PUBLISH", "TEXT", text::shown(judged.publish, 4000));
    evidence(judged, out);
    show(out, "REFERENCE", "TEXT", text::joined(judged.references, "; "));
    for (const Judged& consequence : judged.consequences) {
      Dictionary& also = *out.AddSectionDictionary("CONSEQUENCE");
      set(also, "SEVERITY", css_class(consequence.severity));
      set(also, "WORD", word(consequence.severity));
      set(also, "SUMMARY", text::shown(consequence.title, 1000));
      evidence(consequence, also);
    }
  }

  static void evidence(const Judged& judged, Dictionary& out) {
    if (judged.evidence().empty()) return;
    Dictionary& all = *out.AddSectionDictionary("SEEN");
    for (const Evidence& seen : judged.evidence()) {
      Dictionary& row = *all.AddSectionDictionary("EVIDENCE");
      set(row, "SOURCE", text::shown(seen.source, 300));
      show(row, "SAID", "TEXT", text::shown(seen.text, 4000));
    }
  }

  Catalogue& catalogue_;
  Language language_;
  const Phrases& say_;
  Dictionary page_;
};

}  // namespace

text::Parsed<std::string> to_html(const std::vector<Report>& reports, Catalogue& catalogue, Language language,
                                  const std::string& template_file) {
  // ctemplate prints its own complaints to standard error and returns false; the file is checked first.
  if (!std::filesystem::is_regular_file(template_file)) return text::ParseError{0, "no template at " + template_file};
  Page page(catalogue, language);
  page.fill(reports);
  std::string out;
  if (!ctemplate::ExpandTemplate(template_file, ctemplate::STRIP_BLANK_LINES, &page.dictionary(), &out))
    return text::ParseError{0, "the template does not work: " + template_file};
  return out;
}

}  // namespace mailmedic::reports
