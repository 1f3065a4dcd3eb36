#include "tools/message/look.hpp"

#include <fmt/format.h>

#include "checks/lint/judge.hpp"
#include "checks/receivers/judge.hpp"
#include "checks/signature/judge.hpp"
#include "checks/verdict/judge.hpp"
#include "lib/message/trace.hpp"
#include "lib/text/toml.hpp"
#include "reports/receivers_table.hpp"
#include "tools/message/engines.hpp"
#include "tools/message/summary.hpp"

namespace mailmedic::cli {

namespace {

/// "4 s", "3 min 20 s", "2 h 5 min".
std::string shown(std::chrono::seconds delay) {
  const long long all = delay.count(), size = all < 0 ? -all : all;
  const std::string sign = all < 0 ? "-" : "";
  if (size < 60) return fmt::format("{}{} s", sign, size);
  if (size < 3600) return fmt::format("{}{} min {} s", sign, size / 60, size % 60);
  return fmt::format("{}{} h {} min", sign, size / 3600, size % 3600 / 60);
}

std::string tls_of(const message::Hop& hop) {
  if (!hop.tls) return hop.with.empty() ? "" : hop.with + ", TLS not told";
  if (!*hop.tls) return hop.with + ", no TLS";
  return hop.with + ", " + (hop.tls_version.empty() ? "TLS" : hop.tls_version) + (hop.tls_cipher.empty() ? "" : " " + hop.tls_cipher);
}

/// The way of the message, a line a server that took it.
reports::Exhibit path_of(std::span<const message::Hop> hops) {
  constexpr std::size_t shown_bytes = 200;
  reports::Exhibit out{"Path", {}};
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const auto delay = message::delay_of(hops, i);
    const std::string way = fmt::format("{} -> {}", hops[i].from.empty() ? "?" : hops[i].from.substr(0, shown_bytes), hops[i].by.empty() ? "?" : hops[i].by.substr(0, shown_bytes));
    out.lines.push_back(fmt::format("{:>3}  {:>12}  {}  ({})", i + 1, i == 0 ? "" : delay ? shown(*delay) : "?", way, tls_of(hops[i]).substr(0, shown_bytes)));
  }
  return out;
}

/// The message without the line of a mailbox file.
std::string whole(const message::RawMessage& message) {
  if (message.body.empty()) return std::string(message.head) + "\r\n";
  return {message.head.data(), message.body.data() + message.body.size()};
}

asio::awaitable<CheckReport> authenticate(const message::RawMessage& message, authentication::Envelope envelope, MessageBench& bench, Probes& probes, reports::Report& report) {
  CheckReport check{.check = "authentication"};
  const authentication::Authenticated all = co_await authentication::authenticate(message, std::move(envelope), probes, bench.workshop, check, &bench.records);
  authentication::judge(all, message, probes.now, check);
  authentication::write_facts(all, message, report.facts);
  report.exhibits.push_back(summary_of(all));
  co_return check;
}

asio::awaitable<CheckReport> verify(const message::RawMessage& message, MessageBench& bench, Probes& probes, reports::Report& report) {
  CheckReport check{.check = "signature"};
  const signature::Verification dkim = co_await signature::verify(message, probes.dns, probes.now, bench.workshop);
  const arc::Chain arc = co_await arc::verify(message, probes.dns, bench.workshop);
  signature::judge(dkim, message, probes.now, check);
  arc::judge(arc, check);
  authentication::write_facts(dkim, arc, message, report.facts);
  report.exhibits.push_back(summary_of(dkim, arc));
  co_return check;
}

CheckReport read_trace(const message::RawMessage& message, reports::Report& report) {
  CheckReport check{.check = "verdict"};
  const std::vector<message::Verdict> verdicts = message::verdicts_of(message);
  verdict::judge(verdicts, message, check);
  const std::vector<message::Hop> hops = message::hops_of(message);
  report.facts["verdicts"] = message::to_json(verdicts);
  report.facts["path"] = message::to_json(hops);
  if (!hops.empty()) report.exhibits.push_back(path_of(hops));
  return check;
}

}  // namespace

asio::awaitable<void> look(std::string_view text, const message::RawMessage& message, const MessageOrder& order, MessageBench& bench, Probes& probes, reports::Report& report) {
  std::vector<CheckReport> checks;
  const authentication::Envelope envelope = authentication::envelope_of(message, order.given, order.private_world);
  if (order.wants("authentication")) {
    CheckReport check = co_await authenticate(message, envelope, bench, probes, report);
    checks.push_back(std::move(check));
  } else if (order.wants("signature")) {
    CheckReport check = co_await verify(message, bench, probes, report);
    checks.push_back(std::move(check));
  }
  if (order.wants("verdict")) checks.push_back(read_trace(message, report));
  if (order.wants("lint")) {
    lint::Circumstances about;
    about.now = probes.now;
    about.to_be_sent = false;
    about.marketing = order.receivers.profile.bulk;
    CheckReport check = co_await lint::check(text, about, probes.dns);
    checks.push_back(std::move(check));
  }
  std::vector<spam::Engine> engines = order.engines;
  if (order.engines_here) {
    const std::vector<spam::Engine> here = co_await engines_of_this_machine();
    engines.insert(engines.end(), here.begin(), here.end());
  }
  if (!engines.empty() || order.engines_here) {
    const spam::Circumstances circumstances{envelope.ip ? envelope.ip->to_string() : "", envelope.helo, envelope.from};
    std::vector<spam::Reduced> reductions;
    if (order.blame) reductions = spam::reductions_of(message);
    CheckReport check = co_await ask_engines(std::move(engines), whole(message), circumstances, std::move(reductions));
    checks.push_back(std::move(check));
  }
  report.checks = std::move(checks);
}

void hold_against_receivers(const WantedReceivers& wanted, reports::Catalogue& catalogue, reports::Language language, reports::Report& report) {
  if (!wanted.rules) return;
  std::vector<CheckReport> seen = report.checks;
  const auto authentication = std::find_if(seen.begin(), seen.end(), [](const CheckReport& check) { return check.check == "authentication"; });
  if (authentication == seen.end() || !report.facts.contains("dmarc")) return;  // --checks, or Ctrl-C
  authentication->facts = report.facts;
  const auto author = dns::Name::parse(text::string_of(report.facts.at("dmarc").as_object(), "domain"));
  CheckReport receivers = receivers::judge(*wanted.rules, wanted.profile, author ? *author : dns::Name(), seen);
  report.exhibits.push_back(reports::receivers_table(receivers, catalogue, language));
  report.checks.push_back(std::move(receivers));
}

}  // namespace mailmedic::cli
