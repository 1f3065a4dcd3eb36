#include "tools/listen/examination.hpp"

#include <fmt/format.h>

#include "checks/authentication/authenticate.hpp"
#include "checks/reception/judge.hpp"
#include "tools/cli/output.hpp"

namespace mailmedic::cli {

namespace {
reports::Exhibit session_of(const smtp::Transcript& transcript) {
  reports::Exhibit out{"Session", {}};
  for (const smtp::TranscriptEntry& entry : transcript.entries()) out.lines.push_back(fmt::format("{} {}", entry.mark(), entry.text));
  return out;
}
}  // namespace

asio::awaitable<reports::Report> examine(reception::Delivered delivered, std::string id, Probes& probes) {
  const auto begin = std::chrono::steady_clock::now();
  reports::Report report = begin_report("listen", id);
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
  }
  report.checks.push_back(std::move(check));
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  co_return report;
}

}  // namespace mailmedic::cli
