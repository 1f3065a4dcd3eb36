#include "reports/text.hpp"

#include <fmt/format.h>

#include "lib/text/shown.hpp"
#include "reports/phrases.hpp"

namespace mailmedic::reports {

namespace {

/// Where a line may break after: the end of a word, or any wide character.
std::vector<std::string> pieces(std::string_view text) {
  std::vector<std::string> out;
  std::string piece;
  while (!text.empty()) {
    const text::Utf8 next = text::utf8_at(text);
    const std::size_t length = next.length ? next.length : 1;
    const std::string_view character = text.substr(0, length);
    piece += character;
    text.remove_prefix(length);
    const bool closes_next = text.starts_with("，") || text.starts_with("。") || text.starts_with("；") || text.starts_with("：") ||
                             text.starts_with("、") || text.starts_with("）") || text.starts_with("”");
    if (character == " " || (text::display_width(character) == 2 && !closes_next && character != "（" && character != "“"))
      out.push_back(std::exchange(piece, {}));
  }
  if (!piece.empty()) out.push_back(piece);
  return out;
}

}  // namespace

std::string wrapped(std::string_view text, int width, int indent) {
  std::string out, line;
  int column = 0;
  const int room = std::max(20, width - indent);
  const auto flush = [&] {
    while (!line.empty() && line.back() == ' ') line.pop_back();
    out += (out.empty() ? "" : "\n") + std::string(indent, ' ') + line;
    line.clear();
    column = 0;
  };
  for (const std::string& piece : pieces(text)) {
    std::string_view visible = piece;
    if (visible.ends_with(' ')) visible.remove_suffix(1);
    if (column > 0 && column + text::display_width(visible) > room) flush();
    line += piece;
    column += text::display_width(piece);
  }
  flush();
  return out;
}

namespace {

class Writer {
 public:
  Writer(const Report& report, const Judgement& judgement, Catalogue& catalogue, const TextStyle& style)
      : report_(report), judgement_(judgement), catalogue_(catalogue), style_(style), say_(phrases(style.language)) {}

  std::string write() {
    headline();
    if (style_.quiet) return std::move(out_);
    for (const Judged& judged : judgement_.findings) finding(judged);
    accepted();
    if (judgement_.findings.empty()) out_ += fmt::format("\n{}\n", say_.nothing_found);
    for (const Exhibit& exhibit : report_.exhibits) {
      out_ += fmt::format("\n{}\n", colored(text::shown(exhibit.title, 300), "1"));
      for (const std::string& line : lines_of(exhibit.chart)) out_ += fmt::format("  {}\n", text::shown(line));
      for (const std::string& line : exhibit.lines) out_ += fmt::format("  {}\n", text::shown(line));
    }
    if (report_.checks.size() > 1) checks();
    return std::move(out_);
  }

 private:
  static constexpr int label_columns = 10;

  std::string colored(std::string_view text, std::string_view code) const {
    if (!style_.color) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
  }
  static std::string_view color_of(const std::optional<Severity>& severity) {
    if (!severity) return "35";
    switch (*severity) {
      case Severity::info: return "36";
      case Severity::warning: return "33";
      default: return "1;31";
    }
  }
  std::string_view word(const std::optional<Severity>& severity) const {
    if (!severity) return say_.unknown;
    switch (*severity) {
      case Severity::info: return say_.info;
      case Severity::warning: return say_.warning_finding;
      case Severity::error: return say_.error;
      case Severity::critical: return say_.critical;
    }
    return say_.info;
  }
  static std::string padded(std::string_view text, int columns) {
    return std::string(text) + std::string(std::max(1, columns - text::display_width(text)), ' ');
  }

  void headline() {
    static constexpr std::string_view colors[] = {"1;32", "1;33", "1;31", "1;35"};
    const std::string_view words[] = {say_.ok, say_.warning, say_.problem, say_.inconclusive};
    const int at = static_cast<int>(judgement_.status);
    out_ += fmt::format("{}  {}", colored(text::shown(report_.target, 300), "1"), colored(words[at], colors[at]));
    const std::pair<int, std::string_view> counts[] = {{judgement_.problems, say_.problems_n}, {judgement_.warnings, say_.warnings_n},
                                                       {judgement_.infos, say_.notes_n}, {judgement_.unknowns, say_.unknowns_n}};
    std::string summary;
    for (const auto& [count, what] : counts) {
      if (!count) continue;
      summary += fmt::format("{}{} {}", summary.empty() ? "" : ", ", count, noun_for(count, what, style_.language));
    }
    if (!summary.empty()) out_ += "  " + summary;
    out_ += fmt::format("  ({:.2f} s)\n", std::chrono::duration<double>(report_.duration).count());
  }

  void paragraph(std::string_view label, std::string_view text, int indent, bool wrap = true) {
    if (text.empty()) return;
    const std::string head = std::string(indent, ' ') + colored(padded(label, label_columns), "2");
    const std::string body = wrap ? wrapped(text, style_.width, indent + label_columns)
                                  : std::string(indent + label_columns, ' ') + std::string(text);
    out_ += head + body.substr(indent + label_columns) + "\n";
  }

  void finding(const Judged& judged) {
    out_ += "\n" + colored(padded(word(judged.severity), label_columns), color_of(judged.severity));
    out_ += wrapped(text::shown(judged.title, 1000), style_.width, label_columns).substr(label_columns) + "\n";
    const bool brief = judged.severity == Severity::info && !style_.verbose;
    paragraph("", fmt::format("{}  [{}]", text::shown(judged.subject, 300), judged.finding->id), 0);
    for (const Evidence& seen : judged.evidence())
      paragraph(say_.seen, fmt::format("{}{}{}", text::shown(seen.source, 300), say_.colon, text::shown(seen.text, style_.verbose ? 4000 : 600)), 0);
    if (judged.acceptance)
      paragraph("", fmt::format("{} {}{}{}", say_.accepted_until, day_text(judged.acceptance->until), say_.colon, text::shown(judged.acceptance->reason, 300)), 0);
    if (!brief) paragraph(say_.why, text::shown(judged.why), 0);
    paragraph(say_.fix, text::shown(judged.fix), 0);
    paragraph(say_.publish, text::shown(judged.publish, 4000), 0, false);
    if (style_.verbose)
      for (const std::string& reference : judged.references) paragraph(say_.see, reference, 0);
    for (const Judged& consequence : judged.consequences) {
      paragraph(say_.also, fmt::format("{}{}{}", word(consequence.severity), say_.colon, text::shown(consequence.title, 1000)), 0);
      for (const Evidence& seen : consequence.evidence())
        paragraph("", fmt::format("{}{}{}", text::shown(seen.source, 300), say_.colon, text::shown(seen.text, 300)), 0);
    }
  }

  /// What is hidden is counted and shown, each in a line.
  void accepted() {
    if (judgement_.accepted.empty()) return;
    out_ += fmt::format("\n{}\n", colored(fmt::format("{} ({})", say_.accepted, judgement_.accepted.size()), "1"));
    for (const Judged& judged : judgement_.accepted)
      out_ += wrapped(fmt::format("{}{}{} [{}] {} {}{}{}", word(judged.severity), say_.colon, text::shown(judged.title, 300), judged.finding->id, say_.until,
                                  day_text(judged.acceptance->until), say_.colon, text::shown(judged.acceptance->reason, 300)), style_.width, 2) + "\n";
  }

  void checks() {
    out_ += fmt::format("\n{}\n", colored(say_.checks, "1"));
    int columns = 0;
    for (const CheckReport& check : report_.checks)
      columns = std::max(columns, text::display_width(catalogue_.title(check.check, style_.language)));
    for (const CheckReport& check : report_.checks) {
      std::string how(check.outcome == Outcome::ran ? say_.ran : check.outcome == Outcome::inconclusive ? say_.not_told : say_.not_applicable);
      if (!check.reason.empty()) how += fmt::format(" ({})", text::shown(catalogue_.said(check.check, check.reason, style_.language)));
      out_ += fmt::format("  {}{}\n", padded(catalogue_.title(check.check, style_.language), columns + 2), how);
    }
  }

  const Report& report_;
  const Judgement& judgement_;
  Catalogue& catalogue_;
  const TextStyle& style_;
  const Phrases& say_;
  std::string out_;
};

}  // namespace

std::string to_text(const Report& report, const Judgement& judgement, Catalogue& catalogue, const TextStyle& style) {
  return Writer(report, judgement, catalogue, style).write();
}

}  // namespace mailmedic::reports
