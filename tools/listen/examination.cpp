#include "tools/listen/examination.hpp"

#include <fmt/format.h>

#include "checks/authentication/authenticate.hpp"
#include "checks/lint/judge.hpp"
#include "checks/reception/judge.hpp"
#include "checks/table/table.hpp"
#include "tools/cli/output.hpp"
#include "tools/message/summary.hpp"

namespace mailmedic::cli {

namespace {
reports::Exhibit session_of(const smtp::Transcript& transcript) {
  reports::Exhibit out{"Session", {}};
  for (const smtp::TranscriptEntry& entry : transcript.entries()) out.lines.push_back(fmt::format("{} {}", entry.mark(), entry.text));
  return out;
}

/// Reverse name, EHLO name and lists, as for a server that sends mail for the sender's domain.
asio::awaitable<void> ask_about_client(const reception::Delivered& delivered, const Examination& wishes, Probes& probes, std::vector<CheckReport>& out) {
  const std::string& sender = delivered.arrival.sender;
  const auto domain = dns::Name::parse(sender.empty() ? delivered.arrival.helo : sender.substr(sender.rfind('@') + 1));
  if (!domain) co_return;
  Target target{.domain = *domain};
  target.helo = delivered.arrival.helo;
  target.lists = wishes.lists;
  target.private_world = wishes.private_world;
  if (wishes.private_world || net::special_use(delivered.client.address).empty()) target.sending_addresses.push_back(delivered.client.address);
  static constexpr std::string_view ids[] = {"reverse_dns", "blocklist"};
  const std::vector<Check> checks = checks_named(ids);
  std::vector<CheckReport> reports(checks.size());
  co_await run_checks(checks, target, probes, reports, {});
  for (CheckReport& one : reports) out.push_back(std::move(one));
}
}  // namespace

asio::awaitable<reports::Report> examine(reception::Delivered delivered, std::string id, const Examination& wishes, Probes& probes) {
  const auto begin = std::chrono::steady_clock::now();
  reports::Report report = begin_report("listen", fmt::format("{}, from <{}>", id, delivered.arrival.sender));
  CheckReport reception{.check = "reception"};
  reception::judge(delivered, reception);
  reception.facts = reception::facts_of(delivered);
  report.checks.push_back(std::move(reception));
  report.exhibits.push_back(session_of(delivered.transcript));
  CheckReport check{.check = "authentication"};
  const auto message = message::parse_raw(delivered.arrival.content.bytes);
  if (!message) {
    check.outcome = Outcome::not_applicable;
    check.reason = "The header cannot be read: " + message.error().why;
  } else {
    authentication::Envelope envelope{.ip = delivered.client.address, .from = delivered.arrival.sender, .helo = delivered.arrival.helo, .source = "the session"};
    signature::Workshop workshop;
    Probes now{probes.dns, probes.smtp, probes.trust, delivered.at, probes.data_directory, probes.https, probes.chain};
    const authentication::Authenticated all = co_await authentication::authenticate(*message, std::move(envelope), now, workshop, check);
    authentication::judge(all, *message, delivered.at, check);
    authentication::write_facts(all, *message, report.facts);
    report.exhibits.insert(report.exhibits.begin(), summary_of(all));
  }
  report.checks.push_back(std::move(check));
  co_await ask_about_client(delivered, wishes, probes, report.checks);
  lint::Circumstances about{.now = delivered.at, .marketing = false, .to_be_sent = false, .lists = wishes.lists};
  CheckReport linted = co_await lint::check(delivered.arrival.content.bytes, about, probes.dns);
  report.checks.push_back(std::move(linted));
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  co_return report;
}

}  // namespace mailmedic::cli
