// SPF of a domain: the record and its tree, then what it says of the addresses that send the domain's mail.
#include "checks/spf/check.hpp"

#include <boost/json/array.hpp>

#include "checks/no_answer.hpp"
#include "checks/spf/lint.hpp"
#include "lib/dns/query_all.hpp"

namespace mailmedic::spf {

namespace json = boost::json;

namespace {

void add(CheckReport& report, std::string_view id, const std::string& subject, Args args, std::vector<Evidence> evidence = {},
         std::optional<Severity> severity = std::nullopt) {
  Finding finding{.id = id, .subject = subject, .severity = severity};
  finding.args = std::move(args);
  finding.evidence = std::move(evidence);
  report.findings.push_back(std::move(finding));
}

bool has_spf_record(const dns::Answer& answer) {
  const auto all = answer.all<dns::Txt>();
  return std::any_of(all.begin(), all.end(), [](const dns::Txt& txt) { return is_spf_record(txt.text); });
}

/// A record where nobody looks: SPF-011. True when one is found.
asio::awaitable<bool> judge_wrong_name(const Target& target, Probes& probes, const std::string& record, CheckReport& report) {
  std::vector<dns::Question> questions;
  for (const char* label : {"_spf", "spf", "www"})
    if (const auto name = target.domain.prefixed(label)) questions.push_back({*name, dns::Type::txt});
  const std::vector<dns::Answer> answers = co_await dns::query_all(probes.dns, questions);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!has_spf_record(answers[i])) continue;
    std::vector<Evidence> evidence;
    for (const dns::Txt& txt : answers[i].all<dns::Txt>()) evidence.push_back({"TXT " + questions[i].name.text(), txt.text});
    add(report, "spf.wrong-name", target.domain.text(), {{"domain", target.domain.text()}, {"found", questions[i].name.text()}, {"record", record}}, std::move(evidence));
    co_return true;
  }
  co_return false;
}

/// A wildcard that gives SPF to names that do not exist: SPF-010.
asio::awaitable<void> judge_wildcard(const Target& target, Probes& probes, CheckReport& report) {
  const auto unlikely = target.domain.prefixed("_mailmedic-no-such-name");
  if (!unlikely) co_return;
  const dns::Answer answer = co_await probes.dns.query(*unlikely, dns::Type::txt);
  if (!has_spf_record(answer)) co_return;
  std::vector<Evidence> evidence;
  for (const dns::Txt& txt : answer.all<dns::Txt>()) evidence.push_back({"TXT " + unlikely->text(), txt.text});
  add(report, "spf.wildcard", target.domain.text(), {{"domain", target.domain.text()}}, std::move(evidence));
}

/// There is a definite answer without a record: SPF-002; SPF-066 for a domain that says it takes no mail at all.
asio::awaitable<void> judge_missing(const Target& target, Probes& probes, const dns::Answer& txt, CheckReport& report) {
  const std::string& domain = target.domain.text();
  const dns::Answer mx = co_await probes.dns.query(target.domain, dns::Type::mx);
  const auto hosts = mx.all<dns::Mx>();
  std::vector<Evidence> evidence{{"TXT " + domain, std::string(txt.is_absent() ? dns::status_text(txt.status) : std::string_view("no record starts with v=spf1"))}};
  if (hosts.size() == 1 && hosts.front().host.is_root()) {
    evidence.push_back({"MX " + domain, mx.records.front().text()});
    add(report, "spf.no-mail-without-record", domain, {{"domain", domain}}, std::move(evidence));
    co_return;
  }
  std::string record = "v=spf1";
  if (!hosts.empty()) record += " mx";
  for (const net::Address& address : target.sending_addresses)
    record += fmt::format(" {}:{}", address.is_v4() ? "ip4" : "ip6", address.to_string());
  // Without MX and addresses nothing is known of who sends: the administrator has to fill that in.
  if (record == "v=spf1") record += " ip4:ADDRESS-OF-YOUR-SERVER";
  record += " -all";
  // An alternative name is a hint for people; one of thousands is not worth the questions.
  if (!target.one_of_many && co_await judge_wrong_name(target, probes, record, report)) co_return;
  add(report, "spf.missing", domain, {{"domain", domain}, {"record", record}}, std::move(evidence));
}

Args args_of(const Evaluation& evaluation, const Query& query) {
  return {{"domain", evaluation.domain}, {"ip", query.ip.to_string()}, {"result", std::string(result_text(evaluation.result))},
          {"mechanism", evaluation.mechanism.empty() ? "-" : evaluation.mechanism}, {"problem", evaluation.why.empty() ? "-" : evaluation.why}};
}

std::vector<Evidence> evidence_of(const Evaluation& evaluation) {
  std::vector<Evidence> out{{"TXT " + evaluation.domain, evaluation.trace.record}};
  std::string path;
  for (const std::string& term : evaluation.path) path += (path.empty() ? "" : " -> ") + term;
  if (!path.empty()) out.push_back({"path of evaluation", path});
  if (!evaluation.explanation.empty()) out.push_back({"explanation", evaluation.explanation});
  return out;
}

/// MAIL FROM: SPF-060, SPF-063.
void judge_sender(const Evaluation& evaluation, const Query& query, bool ip4_passes, CheckReport& report) {
  if (evaluation.result == Result::pass || evaluation.result == Result::none) return;  // none: spf.missing says it
  if (evaluation.result == Result::temp_error) {
    Finding unknown{.id = "spf.not-evaluated", .subject = query.ip.to_string()};
    unknown.args = args_of(evaluation, query);
    unknown.evidence = evidence_of(evaluation);
    report.could_not_tell(std::move(unknown));
    return;
  }
  const bool refused = evaluation.result == Result::fail || evaluation.result == Result::perm_error;
  if (query.ip.is_v6() && ip4_passes && evaluation.result != Result::perm_error)
    add(report, "spf.ipv6-not-covered", query.ip.to_string(), args_of(evaluation, query), evidence_of(evaluation));
  else
    add(report, evaluation.result == Result::perm_error ? "spf.evaluation-error" : "spf.not-authorized", query.ip.to_string(),
        args_of(evaluation, query), evidence_of(evaluation), refused ? Severity::critical : Severity::error);
}

/// The EHLO name: SPF-061; SPF-012 where it has no record at all.
void judge_helo(const Evaluation& evaluation, const Query& query, CheckReport& report) {
  switch (evaluation.result) {
    case Result::pass: return;
    case Result::temp_error: {
      Finding unknown{.id = "spf.not-evaluated", .subject = query.ip.to_string()};
      unknown.args = args_of(evaluation, query);
      unknown.evidence = evidence_of(evaluation);
      report.could_not_tell(std::move(unknown));
      return;
    }
    case Result::none: {
      // One entry a name, however many addresses say it.
      for (const Finding& finding : report.findings)
        if (finding.id == "spf.helo-without-record" && finding.subject == query.helo) return;
      add(report, "spf.helo-without-record", query.helo, {{"helo", query.helo}});
      return;
    }
    default: break;
  }
  Args args = args_of(evaluation, query);
  args.push_back({"helo", query.helo});
  add(report, "spf.helo-not-authorized", query.helo, std::move(args), evidence_of(evaluation));
}

json::object evaluation_facts(const Evaluation& evaluation, const Query& query, std::string_view identity) {
  json::object out{{"identity", identity}, {"ip", query.ip.to_string()}, {"sender", evaluation.sender}, {"helo", query.helo}};
  for (auto& [key, value] : to_json(evaluation))
    if (key != "sender") out[key] = std::move(value);
  return out;
}

asio::awaitable<void> evaluate_addresses(const Target& target, Probes& probes, CheckReport& report) {
  RecordCache cache;
  json::array facts;
  std::vector<std::pair<Query, Evaluation>> senders;
  const std::string helo = target.helo.value_or(target.domain.text());
  bool ip4_passes = false;
  for (const net::Address& address : target.sending_addresses) {
    Query query;
    query.ip = address;
    query.sender = "postmaster@" + target.domain.text();
    query.helo = helo;
    query.now = probes.now;
    Evaluation evaluation = co_await evaluate(query, probes.dns, &cache);
    ip4_passes = ip4_passes || (address.is_v4() && evaluation.result == Result::pass);
    facts.push_back(evaluation_facts(evaluation, query, "mailfrom"));
    senders.emplace_back(std::move(query), std::move(evaluation));
  }
  for (const auto& [query, evaluation] : senders) judge_sender(evaluation, query, ip4_passes, report);
  if (target.helo) {
    for (const net::Address& address : target.sending_addresses) {
      Query query;  // a null sender: section 2.4
      query.ip = address;
      query.helo = *target.helo;
      query.now = probes.now;
      const Evaluation evaluation = co_await evaluate(query, probes.dns, &cache);
      facts.push_back(evaluation_facts(evaluation, query, "helo"));
      judge_helo(evaluation, query, report);
    }
  }
  report.facts["evaluations"] = std::move(facts);
}

void write_facts(const Survey& survey, Facts& facts) {
  const Surveyed& first = survey.first();
  json::array records, includes, voids;
  for (const dns::Txt& txt : first.records) records.emplace_back(txt.text);
  for (const Reference& reference : survey.references) {
    json::object entry{{"term", reference.term->text}, {"from", reference.from.text()}, {"domain", reference.to.text()}};
    if (const auto found = survey.records.find(reference.to); found != survey.records.end()) {
      entry["status"] = dns::status_text(found->second.answer.status);
      if (found->second.reading) entry["record"] = found->second.reading->record.text;
    }
    includes.push_back(std::move(entry));
  }
  for (const VoidLookup& lookup : survey.void_lookups)
    voids.push_back(json::object{{"name", lookup.name}, {"type", dns::type_text(lookup.type)}, {"term", lookup.term}, {"domain", lookup.domain}});
  facts["record"] = first.reading ? json::value(first.reading->record.text) : json::value(nullptr);
  facts["records"] = std::move(records);
  facts["lookups"] = survey.lookups.size();
  facts["lookups_complete"] = survey.complete;
  facts["void_lookups"] = std::move(voids);
  facts["includes"] = std::move(includes);
}

}  // namespace

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report{.check = "spf"};
  const auto begin = std::chrono::steady_clock::now();
  const Survey found = co_await survey(target.domain, probes.dns);
  report.facts["milliseconds"] = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
  judge(found, report, target.private_world);
  lint(found, report);
  if (found.first().answer.is_definite()) {
    write_facts(found, report.facts);
    if (found.first().records.empty()) co_await judge_missing(target, probes, found.first().answer, report);
    else if (!target.one_of_many) co_await judge_wildcard(target, probes, report);
  }
  co_await evaluate_addresses(target, probes, report);
  co_return report;
}

void judge(const Evaluation& evaluation, const Query& query, CheckReport& report) {
  judge_sender(evaluation, query, false, report);
  if (evaluation.result != Result::none) return;
  const std::string record = fmt::format("v=spf1 {}:{} -all", query.ip.is_v4() ? "ip4" : "ip6", query.ip.to_string());
  add(report, "spf.missing", evaluation.domain, {{"domain", evaluation.domain}, {"record", record}},
      {{"TXT " + evaluation.domain, evaluation.why}});
}

}  // namespace mailmedic::spf
