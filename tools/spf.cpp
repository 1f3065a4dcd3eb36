// mailmedic spf: what SPF says of a sender, and what the record costs.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>

#include "checks/spf/check.hpp"
#include "checks/spf/evaluate.hpp"
#include "checks/spf/lint.hpp"
#include "checks/spf/networks.hpp"
#include "checks/table/table.hpp"
#include "lib/text/ascii.hpp"
#include "tools/cli/check_run.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/output.hpp"
#include "tools/cli/targets.hpp"

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

reports::Exhibit tree_exhibit(const spf::Node& tree) {
  reports::Exhibit exhibit;
  exhibit.title = fmt::format("Includes, with what each costs together with all below it ({} of {} lookups, {} left)", tree.lookups, spf::max_lookups,
                              std::max(0, spf::max_lookups - tree.lookups));
  const auto draw_node = [&](const auto& self, const spf::Node& node, std::size_t depth) -> void {
    exhibit.lines.push_back(fmt::format("{}{}  {} lookup{}{}  {}", std::string(2 * depth, ' '), node.domain.text(), node.lookups, node.lookups == 1 ? "" : "s",
                                        node.voids ? fmt::format(", {} void", node.voids) : std::string(), node.record.empty() ? "(no record)" : node.record));
    for (const spf::Node& child : node.children) self(self, child, depth + 1);
  };
  draw_node(draw_node, tree, 0);
  return exhibit;
}

reports::Exhibit networks_exhibit(const spf::Networks& networks) {
  reports::Exhibit exhibit;
  exhibit.title = fmt::format("Who may send: {} networks{}", networks.all.size(), networks.complete ? "" : ", not all of them could be found out");
  for (const spf::Authorized& one : networks.all)
    exhibit.lines.push_back(fmt::format("{} {:<24} {}", static_cast<char>(one.qualifier), one.network.text(), text::joined(one.path, " -> ")));
  for (const auto& path : networks.dynamic) exhibit.lines.push_back(fmt::format("  {:<24} {}", "(depends on the sender)", text::joined(path, " -> ")));
  return exhibit;
}

/// Under a record that cannot be read, where each fault stands.
reports::Exhibit fault_exhibit(const spf::Reading& reading, const std::string& record) {
  reports::Exhibit exhibit{"Faults in the record", {record}};
  for (const spf::SyntaxError& error : reading.errors) exhibit.lines.push_back(fmt::format("{}^ {}", std::string(error.offset, ' '), error.why));
  return exhibit;
}

/// What a record that is not published yet would do.
struct WhatIf {
  dns::Name domain;
  std::string record, helo, local_part = "postmaster";
  std::vector<net::Address> addresses;
  bool private_world = false;
};

boost::json::object change_json(const net::Address& address, const spf::Evaluation& before, const spf::Evaluation& after) {
  return {{"ip", address.to_string()}, {"before", spf::to_json(before)}, {"after", spf::to_json(after)}, {"changes", before.result != after.result}};
}

boost::asio::awaitable<void> try_record(const WhatIf& what, Probes& probes, reports::Report& report) {
  CheckReport& check = report.checks.emplace_back();
  check.check = "spf";
  const spf::Reading reading = spf::read_record(what.record);
  if (!reading.errors.empty()) report.exhibits.push_back(fault_exhibit(reading, what.record));
  const spf::Survey survey = co_await spf::survey(what.domain, probes.dns, &what.record);
  spf::judge(survey, check, what.private_world);
  spf::lint(survey, check);
  const spf::Networks networks = co_await spf::authorized_networks(survey, probes.dns);
  const spf::Node tree = spf::tree_of(survey);
  boost::json::array changes;
  reports::Exhibit exhibit{"What would change", {}};
  for (const net::Address& address : what.addresses) {
    const spf::Query query{.ip = address, .sender = what.local_part + "@" + what.domain.text(), .helo = what.helo, .now = probes.now};
    const spf::Evaluation before = co_await spf::evaluate(query, probes.dns);
    const spf::Evaluation after = co_await spf::evaluate_proposed(query, what.record, probes.dns);
    changes.push_back(change_json(address, before, after));
    exhibit.lines.push_back(fmt::format("{:<24} {:<10} ({})  ->  {:<10} ({}){}", address.to_string(), spf::result_text(before.result), before.mechanism.empty() ? before.why : before.mechanism,
                                        spf::result_text(after.result), after.mechanism.empty() ? after.why : after.mechanism, before.result == after.result ? "" : "   changes"));
    spf::judge(after, query, check);
  }
  report.facts = {{"record", what.record}, {"lookups", tree.lookups}, {"headroom", spf::max_lookups - tree.lookups}, {"void_lookups", tree.voids},
                  {"tree", spf::to_json(tree)}, {"networks", spf::to_json(networks)}, {"networks_complete", networks.complete}, {"changes", std::move(changes)}};
  if (!what.addresses.empty()) report.exhibits.push_back(std::move(exhibit));
  report.exhibits.push_back(tree_exhibit(tree));
  report.exhibits.push_back(networks_exhibit(networks));
}

reports::Report tried(const WhatIf& what, cli::Network& network) {
  reports::Report report = cli::begin_report("spf", what.domain.display());
  const auto begin = std::chrono::steady_clock::now();
  if (!network.run(try_record(what, network.probes(), report))) report.checks = {interrupted({"spf", "", nullptr})};
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  if (auto trouble = network.resolver_trouble()) report.checks.insert(report.checks.begin(), std::move(*trouble));
  return report;
}

boost::asio::awaitable<void> flatten(const dns::Name& domain, Probes& probes, reports::Report& report) {
  const spf::Survey survey = co_await spf::survey(domain, probes.dns);
  if (!survey.first().reading) co_return;
  const spf::Networks networks = co_await spf::authorized_networks(survey, probes.dns);
  const spf::Node tree = spf::tree_of(survey);
  CheckReport& check = report.checks.back();
  check.facts["headroom"] = spf::max_lookups - tree.lookups;
  check.facts["tree"] = spf::to_json(tree);
  check.facts["networks"] = spf::to_json(networks);
  check.facts["networks_complete"] = networks.complete;
  report.exhibits.push_back(tree_exhibit(tree));
  report.exhibits.push_back(networks_exhibit(networks));
}

}  // namespace

/// What the options ask for together; an error text, or empty.
std::string contradiction(const cli::CommandLine& line, bool has_addresses) {
  const bool identity = line.has("from") || line.has("helo");
  if (line.has("record") != line.has("domain")) return "--record TEXT and --domain NAME belong together";
  if (line.has("record")) {
    if (!line.arguments().empty()) return "--record is for the domain of --domain alone; leave the other domains out";
    if (line.has("from")) return "--record evaluates mail of --domain; leave --from out";
    return {};
  }
  if (!has_addresses && line.has("from")) return "--from needs the address that sends: give --ip ADDR";
  if (!has_addresses && line.arguments().empty())
    return line.has("helo") ? "--helo needs the address that sends: give --ip ADDR" : "nothing to do: give --ip ADDR with --from SENDER, or a DOMAIN";
  if (!identity && line.arguments().empty()) return "--ip needs a sender: give --from SENDER, or --helo NAME for a bounce";
  if (identity && !line.arguments().empty()) return "give either --from and --helo, or a DOMAIN";
  return {};
}

int lint_domains(const cli::CommandLine& line, const std::vector<net::Address>& addresses, cli::Network& network) {
  std::vector<dns::Name> domains;
  for (const std::string& argument : line.arguments()) {
    const auto domain = cli::parse_domain(argument);
    if (!domain) return line.fail(domain.error().why);
    domains.push_back(*domain);
  }
  std::vector<reports::Report> reports;
  for (const dns::Name& domain : domains) {
    const Target target{.domain = domain, .sending_addresses = addresses, .private_world = cli::is_private_world(line.common())};
    reports.push_back(cli::run_checks("spf", {{"spf", "SPF", spf::check}}, target, network, line.common()));
    network.run(flatten(domain, network.probes(), reports.back()));
  }
  return cli::print(std::move(reports), line.common());
}

int main(int argc, char** argv) {
  cli::CommandLine line({
      "spf",
      "--ip ADDR [--from SENDER] [--helo NAME] [OPTIONS] | --record TEXT --domain NAME [--ip ADDR] | [OPTIONS] DOMAIN...",
      "Evaluates SPF (RFC 7208) for a sender: the result, the term that decided, and the tree of lookups with the\n"
      "cost of each term. With a domain alone, judges its record.",
      {{"may this address send for this sender?", "mailmedic spf --ip 192.0.2.25 --from user@example.org --helo mail.example.org"},
       {"a bounce: the null sender is judged by the EHLO name", "mailmedic spf --ip 192.0.2.25 --helo mail.example.org"},
       {"lint a record and all that it includes; who may send?", "mailmedic spf example.org"},
       {"what would a new record change?", "mailmedic spf --domain example.org --record \"v=spf1 mx ip4:192.0.2.0/28 -all\" --ip 192.0.2.25"}},
  });
  // clang-format off
  line.options().add_options()
      ("ip", cli::po::value<std::vector<std::string>>()->value_name("ADDR"), "the address that sends (repeatable)")
      ("from", cli::po::value<std::string>()->value_name("SENDER"), "the MAIL FROM address, or its domain")
      ("helo", cli::po::value<std::string>()->value_name("NAME"), "the name said in EHLO")
      ("record", cli::po::value<std::string>()->value_name("TEXT"), "try this record before it is published, for the domain of --domain")
      ("domain", cli::po::value<std::string>()->value_name("NAME"), "the domain of --record");
  // clang-format on
  if (const auto status = line.parse(argc, argv)) return *status;
  const auto addresses = cli::parse_addresses(line.texts("ip"));
  if (!addresses) return line.fail(addresses.error().why);
  if (const std::string why = contradiction(line, !addresses->empty()); !why.empty()) return line.fail(why);

  auto network = cli::Network::make(line.common());
  if (!network) return line.fail(network.error().why);
  if (line.has("record")) {
    const auto domain = cli::parse_domain(line.text("domain"));
    if (!domain) return line.fail("--domain " + domain.error().why);
    WhatIf what{.domain = *domain, .record = line.text("record"), .helo = line.has("helo") ? line.text("helo") : domain->text(), .addresses = *addresses,
                .private_world = cli::is_private_world(line.common())};
    return cli::print({tried(what, **network)}, line.common());
  }
  if (!line.arguments().empty()) return lint_domains(line, *addresses, **network);
  std::vector<reports::Report> reports;
  for (const net::Address& address : *addresses) {
    const spf::Query query{.ip = address, .sender = line.text("from"), .helo = line.text("helo"), .now = std::chrono::system_clock::now()};
    reports.push_back(evaluated(query, **network));
  }
  return cli::print(std::move(reports), line.common());
}
