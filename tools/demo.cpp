// mailmedic demo: a small mail world with faults on this machine, audited. What a newcomer without a network sees first.
#include <fmt/format.h>

#include <iostream>

#include "lib/tls/trust_store.hpp"
#include "reports/report.hpp"
#include "tools/cli/output.hpp"
#include "checks/table/table.hpp"
#include "tools/cli/check_run.hpp"
#include "tools/cli/network.hpp"
#include "tools/demo/world.hpp"

using namespace mailmedic;

namespace {

struct Reckoning {
  std::vector<std::string> lines;
  bool complete = true;  ///< every planted fault was named, and nothing else
};

bool names(const reports::Judged& judged, const demo::Planted& planted) {
  return judged.finding->id == planted.finding && (judged.finding->subject == planted.subject || judged.finding->subject.starts_with(std::string(planted.subject) + " "));
}

/// Holds the report against what was planted. Consequences of a planted fault count to it.
Reckoning reckon(const reports::Report& report) {
  reports::Catalogue catalogue(cli::data_directory() + "/findings");
  const reports::Judgement judgement = reports::judge(report, catalogue, reports::Language::en);
  Reckoning out;
  std::vector<const reports::Judged*> unexplained;
  for (const reports::Judged& judged : judgement.findings) unexplained.push_back(&judged);
  for (const demo::Planted& planted : demo::World::planted()) {
    const auto found = std::find_if(unexplained.begin(), unexplained.end(), [&](const auto* judged) { return names(*judged, planted); });
    out.complete = out.complete && found != unexplained.end();
    out.lines.push_back(fmt::format("{:<6} {:<31} {}", found == unexplained.end() ? "MISSED" : "found", planted.finding, planted.what));
    if (found != unexplained.end()) unexplained.erase(found);
  }
  for (const reports::Judged* judged : unexplained) {
    if (judged->severity == Severity::info) continue;  // advice, and no fault
    out.complete = false;
    out.lines.push_back(fmt::format("{:<6} {:<31} {} ({})", "EXTRA", judged->finding->id, judged->title, judged->finding->subject));
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "demo",
      "[OPTIONS]",
      "Starts a DNS server and mail servers with planted faults on loopback, audits their domain, prints the report\n"
      "and writes it as a page, and tells which faults were planted. Needs no network and no privileges.",
      {{"see what mailmedic does", "mailmedic demo"},
       {"in Chinese, the page elsewhere", "mailmedic demo --lang zh -o report.html"},
       {"the report as JSON", "mailmedic demo --json"}},
  });
  if (const auto status = line.parse(argc, argv)) return *status;
  if (!line.arguments().empty()) return line.fail("demo takes no arguments; it audits a world of its own");

  auto world = demo::World::start();
  if (!world) return line.fail("cannot start the demonstration's servers: " + world.error().why);
  cli::Common common = line.common();
  common.resolvers = {(*world)->resolver()};
  common.connect_to = (*world)->connect_to();
  auto network = cli::Network::make(common, "mail.harbour.example", tls::TrustStore::from_pem((*world)->authority()));
  if (!network) return line.fail(network.error().why);

  const Target target = (*world)->target();
  std::vector<reports::Report> reports{cli::run_checks("demo", {all_checks().begin(), all_checks().end()}, target, **network, common)};
  const Reckoning reckoning = reckon(reports.front());
  reports.front().exhibits.push_back({"Faults that were planted", reckoning.lines});

  cli::Common printed = common;
  printed.output.clear();
  if (common.format != cli::Format::html) {
    if (const int status = cli::print(reports, printed); status == cli::usage_error) return status;
  }
  cli::Common page = common;
  page.format = cli::Format::html;
  if (page.output.empty()) page.output = "mailmedic-demo.html";
  if (const int status = cli::print(reports, page); status == cli::usage_error) return status;
  std::cerr << fmt::format("\nThe report as a page: {}\n", page.output);
  // The audited world is faulty by design: the demonstration went well when all was found and nothing else.
  return reckoning.complete ? 0 : 2;
}
