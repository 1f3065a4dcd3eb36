#include "reports/csv.hpp"

#include <fmt/format.h>

#include "lib/text/shown.hpp"

namespace mailmedic::reports {

std::string csv_cell(std::string_view raw) {
  std::string text = text::shown(raw, 1000);
  // What a spreadsheet would calculate: =HYPERLINK(...), +1, -1, @SUM
  if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos) text.insert(0, 1, '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

namespace {

class Rows {
 public:
  Rows(const Report& report, Status status) : head_(fmt::format("{},{}", csv_cell(report.target), status_word(status))) {}
  void add(const Judged& judged, std::string_view cause, bool is_accepted = false) {
    const std::string_view severity = is_accepted ? "accepted" : judged.severity ? severity_word(*judged.severity) : "unknown";
    out_ += fmt::format("{},{},{},{},{},{},{},{}\r\n", head_, severity, judged.finding->id, csv_cell(judged.finding->subject), csv_cell(judged.title),
                        csv_cell(judged.fix), csv_cell(judged.publish), cause);
    for (const Judged& consequence : judged.consequences) add(consequence, judged.finding->id);
  }
  std::string take() { return out_.empty() ? head_ + ",,,,,,,\r\n" : std::move(out_); }

 private:
  std::string head_, out_;
};

}  // namespace

std::string csv_head() { return "target,status,severity,id,subject,summary,fix,publish,caused_by\r\n"; }

std::string to_csv(const Report& report, const Judgement& judgement) {
  Rows rows(report, judgement.status);
  for (const Judged& judged : judgement.findings) rows.add(judged, {});
  for (const Judged& judged : judgement.accepted) rows.add(judged, {}, true);
  return rows.take();
}

}  // namespace mailmedic::reports
