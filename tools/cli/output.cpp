#include "tools/cli/output.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "reports/html.hpp"
#include "reports/json.hpp"
#include "reports/nagios.hpp"
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

int complain(const std::string& why) {
  std::cerr << "mailmedic: " << why << '\n';
  return usage_error;
}

}  // namespace

reports::Report begin_report(std::string tool, std::string target) {
  reports::Report report;
  report.tool = std::move(tool);
  report.version = MAILMEDIC_VERSION;
  report.target = std::move(target);
  report.started = std::chrono::system_clock::now();
  return report;
}

int print(const std::vector<reports::Report>& all, const Common& common) {
  reports::Catalogue catalogue(data_directory() + "/findings");
  reports::Status worst = reports::Status::ok;
  std::string out;
  for (const reports::Report& report : all) {
    const auto status = reports::judge(report, catalogue, common.language).status;
    if (rank(status) > rank(worst)) worst = status;
    switch (common.format) {
      case Format::text:
        out += (out.empty() ? "" : "\n") + reports::to_text(report, catalogue, text_style(common));
        break;
      case Format::json:
        if (all.size() > 1) out += out.empty() ? "[\n" : ",\n";
        out += pretty(reports::to_json(report, catalogue, common.language));
        break;
      case Format::ndjson:
        out += boost::json::serialize(reports::to_json(report, catalogue, common.language)) + "\n";
        break;
      case Format::nagios:
        out += reports::to_nagios(report, catalogue, common.language);
        break;
      case Format::html:
        break;
    }
  }
  if (common.format == Format::json) out += all.size() > 1 ? "\n]\n" : "\n";
  if (common.format == Format::html) {
    auto page = reports::to_html(all, catalogue, common.language, data_directory() + "/report.tpl");
    if (!page) return complain(page.error().why);
    out = std::move(*page);
  }
  if (!catalogue.error().empty()) return complain("the catalogue is broken: " + catalogue.error());

  std::FILE* file = common.output.empty() ? stdout : std::fopen(common.output.c_str(), "w");
  if (!file) return complain(fmt::format("cannot write {}: {}", common.output, std::strerror(errno)));
  const bool written = std::fwrite(out.data(), 1, out.size(), file) == out.size();
  const bool closed = (common.output.empty() ? std::fflush(file) : std::fclose(file)) == 0;
  if (!written || !closed)
    return complain(fmt::format("cannot write {}: {}", common.output.empty() ? "the report" : common.output, std::strerror(errno)));
  return static_cast<int>(worst);
}

}  // namespace mailmedic::cli
