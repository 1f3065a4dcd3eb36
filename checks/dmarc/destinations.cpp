// Where the reports go: consent of other organizations, and whether mail can be delivered there.
#include "checks/dmarc/destinations.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "checks/dmarc/align.hpp"
#include "checks/no_answer.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/net/parallel.hpp"

namespace mailmedic::dmarc {

namespace {

/// Mail exchangers of a destination whose addresses are asked.
constexpr std::size_t max_exchangers = 8;

void add(CheckReport& report, std::string_view id, const dns::Name& destination, Args args, std::vector<Evidence> evidence) {
  Finding finding{.id = id, .subject = destination.text()};
  finding.args = std::move(args);
  finding.evidence = std::move(evidence);
  report.findings.push_back(std::move(finding));
}

/// DMA-030: does the destination want reports about `domain`? RFC 9990 section 4.
asio::awaitable<void> judge_consent(const dns::Name& record_domain, const dns::Name& destination, Probes& probes, CheckReport& report) {
  const Alignment own = co_await align(record_domain, destination, probes.dns);
  if (!own.relaxed.has_value()) {
    Finding unknown{.id = "dmarc.consent-unknown", .subject = destination.text()};
    unknown.args = {{"destination", destination.text()}, {"domain", record_domain.text()}};
    report.could_not_tell(std::move(unknown));
    co_return;
  }
  if (*own.relaxed) co_return;  // the same organization
  const auto name = destination.prefixed(record_domain.text() + "._report._dmarc");
  if (!name) co_return;
  const dns::Answer answer = co_await probes.dns.query(*name, dns::Type::txt);
  if (!answer.is_definite()) {
    report.could_not_tell(no_answer(*name, dns::Type::txt, answer));
    co_return;
  }
  for (const dns::Txt& txt : answer.all<dns::Txt>())
    if (is_dmarc_record(txt.text)) co_return;
  add(report, "dmarc.no-consent", destination, {{"destination", destination.text()}, {"domain", record_domain.text()}, {"name", name->text()}},
      {{"TXT " + name->text(), std::string(dns::status_text(answer.status))}});
}

/// Has any of the hosts an address? Nothing: none that is known of, and DNS did not answer for all.
asio::awaitable<std::optional<bool>> any_has_address(const std::vector<dns::Name>& hosts, Probes& probes) {
  bool known = true;
  for (const dns::Type type : {dns::Type::a, dns::Type::aaaa}) {
    std::vector<dns::Question> questions;
    for (const dns::Name& host : hosts) questions.push_back({host, type});
    for (const dns::Answer& answer : co_await dns::query_all(probes.dns, questions)) {
      if (answer.status == dns::Status::answered) co_return true;
      known = known && answer.is_definite();
    }
  }
  co_return known ? std::optional<bool>(false) : std::nullopt;
}

/// DMA-031: can the destination take mail at all? Without an MX the domain's own address stands for it (RFC 5321
/// section 5.1).
asio::awaitable<void> judge_destination(const dns::Name& destination, Probes& probes, CheckReport& report) {
  const dns::Answer mx = co_await probes.dns.query(destination, dns::Type::mx);
  if (!mx.is_definite()) {
    report.could_not_tell(no_answer(destination, dns::Type::mx, mx));
    co_return;
  }
  const auto exchangers = mx.all<dns::Mx>();
  std::string problem;
  if (mx.status == dns::Status::nx_domain) {
    problem = "the domain does not exist";
  } else if (exchangers.size() == 1 && exchangers.front().host.is_root()) {
    problem = "null MX: the domain takes no mail";
  } else {
    std::vector<dns::Name> hosts;
    for (const dns::Mx& one : exchangers) hosts.push_back(one.host);
    if (hosts.empty()) hosts.push_back(destination);
    if (hosts.size() > max_exchangers) co_return;  // so many are never all dead
    const std::optional<bool> reachable = co_await any_has_address(hosts, probes);
    if (!reachable) {
      Finding unknown{.id = "dmarc.destination-unknown", .subject = destination.text()};
      unknown.args = {{"destination", destination.text()}};
      report.could_not_tell(std::move(unknown));
    } else if (!*reachable) {
      problem = exchangers.empty() ? "neither MX nor address" : "none of its mail exchangers has an address";
    }
  }
  if (problem.empty()) co_return;
  std::vector<Evidence> evidence;
  for (const dns::Record& one : mx.records) evidence.push_back({"MX " + destination.text(), one.text()});
  if (evidence.empty()) evidence.push_back({"MX " + destination.text(), std::string(dns::status_text(mx.status))});
  add(report, "dmarc.destination-without-mx", destination, {{"destination", destination.text()}, {"problem", problem}}, std::move(evidence));
}

/// One destination has a report of its own, so that the findings' order does not depend on who answers first.
asio::awaitable<CheckReport> look_at(const dns::Name& record_domain, const dns::Name& destination, Probes& probes) {
  CheckReport report;
  co_await judge_consent(record_domain, destination, probes, report);
  co_await judge_destination(destination, probes, report);
  co_return report;
}

}  // namespace

asio::awaitable<void> judge_destinations(const Record& record, const dns::Name& record_domain, Probes& probes, CheckReport& report) {
  std::set<dns::Name> destinations;
  for (const auto* list : {&record.rua, &record.ruf})
    for (const ReportUri& uri : *list)
      if (uri.domain) destinations.insert(*uri.domain);
  std::vector<asio::awaitable<CheckReport>> work;
  for (const dns::Name& destination : destinations)
    if (work.size() < max_destinations) work.push_back(look_at(record_domain, destination, probes));
  if (destinations.size() > max_destinations) {
    Finding unknown{.id = "dmarc.destinations-not-asked", .subject = record_domain.text()};
    unknown.args = {{"name", "_dmarc." + record_domain.text()}, {"count", std::to_string(destinations.size())}, {"asked", std::to_string(max_destinations)}};
    report.could_not_tell(std::move(unknown));
  }
  for (CheckReport& one : co_await net::in_parallel(std::move(work))) {
    std::move(one.findings.begin(), one.findings.end(), std::back_inserter(report.findings));
    for (Finding& unknown : one.unknowns) report.could_not_tell(std::move(unknown));
  }
}

}  // namespace mailmedic::dmarc
