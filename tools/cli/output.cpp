#include "tools/cli/output.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "reports/csv.hpp"
#include "reports/html.hpp"
#include "reports/json.hpp"
#include "reports/nagios.hpp"
#include "reports/prometheus.hpp"
#include "reports/text.hpp"
#include "tools/cli/pretty_json.hpp"

namespace mailmedic::cli {

namespace {

/// Order for the worst of several: a problem outranks what could not be told.
int rank(reports::Status status) {
  switch (status) {
    case reports::Status::ok: return 0;
    case reports::Status::inconclusive: return 1;
    case reports::Status::warning: return 2;
    case reports::Status::problem: return 3;
  }
  return 1;
}

reports::TextStyle text_style(const Common& common) {
  const bool terminal = common.output.empty() && ::isatty(STDOUT_FILENO);
  reports::TextStyle style;
  style.color = common.color == Color::always || (common.color == Color::automatic && terminal && !std::getenv("NO_COLOR"));
  winsize size{};
  if (terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
    style.width = std::min<int>(size.ws_col, 120);
  style.quiet = common.quiet;
  style.verbose = common.verbose;
  style.language = common.language;
  return style;
}

}  // namespace

reports::Report begin_report(std::string tool, std::string target) {
  constexpr std::size_t first_block = 8 * 1024;
  reports::Report report;
  report.tool = std::move(tool);
  report.version = MAILMEDIC_VERSION;
  report.target = std::move(target);
  report.facts = Facts(boost::json::make_shared_resource<boost::json::monotonic_resource>(first_block));
  report.started = std::chrono::system_clock::now();
  return report;
}

Renderer::Renderer(const Common& common) : common_(common), catalogue_(data_directory() + "/findings") {}

Rendered Renderer::render(reports::Report report) {
  report.accepted = common_.accepted;
  const reports::Judgement judgement = reports::judge(report, catalogue_, common_.language);
  Rendered out{.text = {}, .status = judgement.status};
  switch (common_.format) {
    case Format::text: out.text = reports::to_text(report, judgement, catalogue_, text_style(common_)); break;
    case Format::json: out.text = pretty(reports::to_json(report, judgement)); break;
    case Format::ndjson: out.text = reports::to_json_line(report, judgement); break;
    case Format::csv: out.text = reports::to_csv(report, judgement); break;
    case Format::nagios: out.text = reports::to_nagios(report, judgement); break;
    case Format::prometheus:
    case Format::html: out.report = std::move(report); break;
  }
  return out;
}

Output::~Output() {
  if (file_ && file_ != stdout) std::fclose(file_);
}

void Output::write(const std::string& text) {
  if (!file_ && trouble_.empty()) {
    file_ = common_.output.empty() ? stdout : std::fopen(common_.output.c_str(), "w");
    if (!file_) trouble_ = std::strerror(errno);
    else if (!::isatty(::fileno(file_))) std::setvbuf(file_, nullptr, _IOFBF, 64 * 1024);
  }
  if (file_ && trouble_.empty() && std::fwrite(text.data(), 1, text.size(), file_) != text.size()) trouble_ = std::strerror(errno);
}

void Output::add(Rendered rendered) {
  if (rank(rendered.status) > rank(worst_)) worst_ = rendered.status;
  if (rendered.report) return page_.push_back(std::move(*rendered.report));
  if (common_.format == Format::json && many_) write(begun_ ? ",\n" : "[\n");
  if (common_.format == Format::text && begun_) write("\n");
  if (common_.format == Format::csv && !begun_) write(reports::csv_head());
  write(rendered.text);
  begun_ = true;
  // Who reads along sees what takes long as it comes; what comes quickly is written in large pieces.
  constexpr std::chrono::milliseconds patience(100);
  const auto now = std::chrono::steady_clock::now();
  if (now - flushed_ < patience) return;
  flush();
  flushed_ = now;
}

int Output::finish(const std::string& broken) {
  std::string why = broken.empty() ? std::string() : "the catalogue is broken: " + broken;
  if (common_.format == Format::html && why.empty()) {
    reports::Catalogue catalogue(data_directory() + "/findings");
    const auto page = reports::to_html(page_, catalogue, common_.language, data_directory() + "/report.tpl");
    if (page) write(*page);
    else why = page.error().why;
    if (!catalogue.error().empty()) why = "the catalogue is broken: " + catalogue.error();
  }
  if (common_.format == Format::prometheus && why.empty()) {
    reports::Catalogue catalogue(data_directory() + "/findings");
    reports::Prometheus metrics(catalogue);
    for (const reports::Report& report : page_) metrics.add(report);
    write(metrics.text());
  }
  if (common_.format == Format::json) write(many_ ? (begun_ ? "\n]\n" : "[]\n") : "\n");
  if (file_) {
    const bool closed = (file_ == stdout ? std::fflush(file_) : std::fclose(file_)) == 0;
    if (!closed && trouble_.empty()) trouble_ = std::strerror(errno);
    file_ = nullptr;
  }
  if (why.empty() && !trouble_.empty())
    why = fmt::format("cannot write {}: {}", common_.output.empty() ? "the report" : common_.output, trouble_);
  if (why.empty()) return static_cast<int>(worst_);
  std::cerr << "mailmedic: " << why << '\n';
  return usage_error;
}

void Stream::add(Rendered rendered) {
  if (!many_ && is_empty()) {
    first_ = std::move(rendered);
    return;
  }
  open(true);
  output_->add(std::move(rendered));
}

int Stream::finish(const std::string& broken) {
  open(many_);
  return output_->finish(broken);
}

void Stream::open(bool many) {
  if (!output_) output_.emplace(common_, many);
  if (first_) output_->add(std::move(*first_));
  first_.reset();
}

int print(std::vector<reports::Report> all, const Common& common) {
  Renderer renderer(common);
  Output output(common, all.size() > 1);
  for (reports::Report& report : all) output.add(renderer.render(std::move(report)));
  return output.finish(renderer.error());
}

}  // namespace mailmedic::cli
