// mailmedic spf: what SPF says of a sender, and what the record costs.
#include <boost/asio/co_spawn.hpp>

#include "checks/spf/check.hpp"
#include "checks/spf/evaluate.hpp"
#include "tools/cli/output.hpp"
#include "checks/table/table.hpp"
#include "tools/cli/check_run.hpp"
#include "tools/cli/network.hpp"

using namespace mailmedic;

namespace {

boost::asio::awaitable<void> evaluate(const spf::Query& query, Probes& probes, spf::Evaluation& evaluation) {
  evaluation = co_await spf::evaluate(query, probes.dns);
}

std::string_view outcome_text(spf::StepOutcome outcome) {
  switch (outcome) {
    case spf::StepOutcome::match: return "match";
    case spf::StepOutcome::no_match: return "no match";
    case spf::StepOutcome::error: return "error";
    case spf::StepOutcome::not_evaluated: return "";
  }
  return "";
}

/// "include:_spf.example.net   no match   1 lookup", each level indented by two.
void draw(const spf::Trace& trace, std::size_t depth, std::vector<std::string>& lines) {
  const std::string indent(2 * depth, ' ');
  lines.push_back(fmt::format("{}{}: {}", indent, trace.domain, trace.record.empty() ? trace.why : trace.record));
  for (const spf::Step& step : trace.steps) {
    std::string line = fmt::format("{}  {:<{}} {:<9}", indent, step.term, 40 - std::min<std::size_t>(36, 2 * depth), outcome_text(step.outcome));
    if (step.lookups) line += fmt::format(" {} lookup{}", step.lookups, step.lookups == 1 ? "" : "s");
    if (step.void_lookups) line += fmt::format(", {} void", step.void_lookups);
    if (!step.why.empty()) line += "  " + step.why;
    while (line.ends_with(' ')) line.pop_back();
    lines.push_back(std::move(line));
    if (step.child) draw(*step.child, depth + 2, lines);
  }
}

reports::Exhibit tree_of(const spf::Evaluation& evaluation) {
  reports::Exhibit exhibit;
  exhibit.title = fmt::format("{} for {} ({} of {} lookups, {} of {} void)", spf::result_text(evaluation.result), evaluation.sender, evaluation.lookups,
                              spf::max_lookups, evaluation.void_lookups.size(), spf::max_void_lookups);
  draw(evaluation.trace, 0, exhibit.lines);
  if (!evaluation.explanation.empty()) exhibit.lines.push_back("explanation: " + evaluation.explanation);
  return exhibit;
}

reports::Report evaluated(const spf::Query& query, cli::Network& network) {
  reports::Report report = cli::begin_report("spf", query.sender.empty() ? query.helo : query.sender);
  report.checks.push_back({.check = "spf"});
  spf::Evaluation evaluation;
  const auto begin = std::chrono::steady_clock::now();
  const bool finished = network.run(evaluate(query, network.probes(), evaluation));
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  if (!finished) {
    report.checks[0] = interrupted({"spf", "", nullptr});
    return report;
  }
  report.exhibits.push_back(tree_of(evaluation));
  report.facts = spf::to_json(evaluation);
  report.facts["ip"] = query.ip.to_string();
  report.facts["helo"] = query.helo;
  spf::judge(evaluation, query, report.checks[0]);
  if (auto trouble = network.resolver_trouble()) report.checks.insert(report.checks.begin(), std::move(*trouble));
  return report;
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "spf",
      "--ip ADDR [--from SENDER] [--helo NAME] [OPTIONS] | [OPTIONS] DOMAIN...",
      "Evaluates SPF (RFC 7208) for a sender: the result, the term that decided, and the tree of lookups with the\n"
      "cost of each term. With a domain alone, judges its record.",
      {{"may this address send for this sender?", "mailmedic spf --ip 192.0.2.25 --from user@example.org --helo mail.example.org"},
       {"a bounce: the null sender is judged by the EHLO name", "mailmedic spf --ip 192.0.2.25 --helo mail.example.org"},
       {"lint a record and all that it includes", "mailmedic spf example.org"}},
  });
  // clang-format off
  line.options().add_options()
      ("ip", cli::po::value<std::vector<std::string>>()->value_name("ADDR"), "the address that sends (repeatable)")
      ("from", cli::po::value<std::string>()->value_name("SENDER"), "the MAIL FROM address, or its domain")
      ("helo", cli::po::value<std::string>()->value_name("NAME"), "the name said in EHLO");
  // clang-format on
  if (const auto status = line.parse(argc, argv)) return *status;
  const auto addresses = cli::parse_addresses(line.texts("ip"));
  if (!addresses) return line.fail(addresses.error().why);
  if (addresses->empty() && line.arguments().empty()) return line.fail("nothing to do: give --ip ADDR with --from SENDER, or a DOMAIN");
  if (!addresses->empty() && !line.has("from") && !line.has("helo") && line.arguments().empty())
    return line.fail("--ip needs a sender: give --from SENDER, or --helo NAME for a bounce");
  if (line.has("from") && addresses->empty()) return line.fail("--from needs the address that sends: give --ip ADDR");

  auto network = cli::Network::make(line.common());
  if (!network) return line.fail(network.error().why);
  std::vector<reports::Report> reports;
  if (line.has("from") || line.has("helo")) {
    if (!line.arguments().empty()) return line.fail("give either --from and --helo, or a DOMAIN");
    for (const net::Address& address : *addresses) {
      const spf::Query query{.ip = address, .sender = line.text("from"), .helo = line.text("helo"), .now = std::chrono::system_clock::now()};
      reports.push_back(evaluated(query, **network));
    }
    if (reports.empty()) return line.fail("--helo needs the address that sends: give --ip ADDR");
    return cli::print(reports, line.common());
  }
  Target pattern{.domain = {}, .sending_addresses = *addresses, .private_world = cli::is_private_world(line.common())};
  auto targets = cli::Targets::open(std::move(pattern), line.arguments(), {});
  if (!targets) return line.fail(targets.error().why);
  return cli::check_targets({.tool = "spf", .checks = {{"spf", "SPF", spf::check}}}, **targets, line.common());
}
