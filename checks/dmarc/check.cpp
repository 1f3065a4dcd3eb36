// DMARC of a domain: who speaks for it, what the record says, where the reports go.
#include "checks/dmarc/check.hpp"

#include <boost/json/array.hpp>

#include <set>

#include "checks/dmarc/align.hpp"
#include "checks/no_answer.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::dmarc {

namespace json = boost::json;

namespace {

void add(CheckReport& report, std::string_view id, const std::string& subject, Args args, std::vector<Evidence> evidence = {}) {
  Finding finding{.id = id, .subject = subject};
  finding.args = std::move(args);
  finding.evidence = std::move(evidence);
  report.findings.push_back(std::move(finding));
}

/// A text that was meant as a DMARC record and is not selected as one: DMA-002, DMA-004.
bool is_nearly_dmarc(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size() && plain.size() < 7;) {
    const text::Utf8 wide = text::utf8_at(text.substr(at));
    const bool skipped = text::is_space(text[at]) || text[at] == '"' || text[at] == '\'' || static_cast<unsigned char>(text[at]) >= 0x80;
    if (!skipped) plain += text::lower(text[at]);
    at += wide.length > 1 ? static_cast<std::size_t>(wide.length) : 1;
  }
  return (plain == "v=dmarc" || plain == "v:dmarc" || plain == "dmarc1;") && !is_dmarc_record(text);
}

std::vector<std::string> texts_of(const dns::Answer& answer) {
  std::vector<std::string> out;
  for (dns::Txt& txt : answer.all<dns::Txt>()) out.push_back(std::move(txt.text));
  return out;
}

/// What stands at _dmarc.DOMAIN beside or instead of one record: DMA-002 to DMA-008.
asio::awaitable<void> judge_name(const WalkStep& step, Probes& probes, CheckReport& report) {
  const std::string name = "_dmarc." + step.domain.text();
  if (!step.answer.aliases.empty())
    add(report, "dmarc.alias", step.domain.text(), {{"name", name}, {"target", step.answer.aliases.back().text()}});
  if (step.records.size() > 1) {
    std::vector<Evidence> evidence;
    for (const std::string& text : step.records) evidence.push_back({"TXT " + name, text});
    add(report, "dmarc.several-records", step.domain.text(), {{"name", name}, {"count", std::to_string(step.records.size())}}, std::move(evidence));
  }
  std::vector<std::string> others;
  for (const std::string& text : texts_of(step.answer)) {
    if (is_dmarc_record(text)) continue;
    if (is_nearly_dmarc(text))
      add(report, "dmarc.version", step.domain.text(), {{"name", name}, {"found", text.substr(0, 20)}}, {{"TXT " + name, text}});
    else
      others.push_back(text);
  }
  if (others.empty()) co_return;
  // A wildcard answers for every name that does not exist; a name that nobody publishes tells.
  const auto unlikely = step.domain.prefixed("_mailmedic-no-such-name");
  dns::Answer wildcard;
  if (unlikely) wildcard = co_await probes.dns.query(*unlikely, dns::Type::txt);
  const bool by_wildcard = texts_of(wildcard) == texts_of(step.answer);
  std::vector<Evidence> evidence;
  for (const std::string& text : others) evidence.push_back({"TXT " + name, text});
  const std::string_view id = by_wildcard ? "dmarc.wildcard" : "dmarc.other-text";
  add(report, id, step.domain.text(), {{"name", name}, {"domain", step.domain.text()}}, std::move(evidence));
}

/// There is definitely no policy: DMA-006 and the record to publish.
asio::awaitable<void> judge_missing(const Target& target, const std::vector<WalkStep>& steps, const Discovery& old, Probes& probes, CheckReport& report) {
  const std::string& domain = target.domain.text();
  // A broken or doubled record was said already; "missing" beside it would mislead.
  for (const Finding& finding : report.findings)
    if (finding.id == "dmarc.version" || finding.id == "dmarc.several-records") co_return;
  std::vector<dns::Question> questions{{target.domain, dns::Type::txt}, {target.domain, dns::Type::mx}};
  if (auto prefixed = target.domain.prefixed("dmarc")) questions.push_back({std::move(*prefixed), dns::Type::txt});
  const std::vector<dns::Answer> answers = co_await dns::query_all(probes.dns, questions);
  for (std::size_t i = 0; i < answers.size(); ++i)
    for (const std::string& text : texts_of(answers[i]))
      if (is_dmarc_record(text)) {
        add(report, "dmarc.wrong-name", domain, {{"found", questions[i].name.text()}, {"name", "_dmarc." + domain}, {"domain", domain}, {"record", text}},
            {{"TXT " + questions[i].name.text(), text}});
        co_return;
      }
  const auto hosts = answers[1].all<dns::Mx>();
  const bool takes_no_mail = hosts.size() == 1 && hosts.front().host.is_root();
  // One record at the organizational domain speaks for all below it.
  const std::string organization = old.organizational_domain.value_or(target.domain).text();
  const std::string record = takes_no_mail ? "v=DMARC1; p=reject" : fmt::format("v=DMARC1; p=none; rua=mailto:dmarc-reports@{}", organization);
  std::vector<Evidence> evidence;
  for (const WalkStep& step : steps) evidence.push_back({"TXT _dmarc." + step.domain.text(), std::string(dns::status_text(step.answer.status))});
  add(report, "dmarc.missing", domain, {{"domain", domain}, {"organization", organization}, {"record", record}}, std::move(evidence));
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
  for (const std::string& text : texts_of(answer))
    if (is_dmarc_record(text)) co_return;
  add(report, "dmarc.no-consent", destination.text(), {{"destination", destination.text()}, {"domain", record_domain.text()}, {"name", name->text()}},
      {{"TXT " + name->text(), std::string(dns::status_text(answer.status))}});
}

/// DMA-031: can the destination take mail at all?
asio::awaitable<void> judge_destination(const dns::Name& destination, Probes& probes, CheckReport& report) {
  const dns::Answer mx = co_await probes.dns.query(destination, dns::Type::mx);
  if (!mx.is_definite()) {
    report.could_not_tell(no_answer(destination, dns::Type::mx, mx));
    co_return;
  }
  const auto hosts = mx.all<dns::Mx>();
  std::string problem;
  if (mx.status == dns::Status::nx_domain) problem = "the domain does not exist";
  if (hosts.size() == 1 && hosts.front().host.is_root()) problem = "null MX: the domain takes no mail";
  if (mx.status == dns::Status::no_data) {  // the address itself stands for an MX: RFC 5321 section 5.1
    const std::vector<dns::Question> questions{{destination, dns::Type::a}, {destination, dns::Type::aaaa}};
    const std::vector<dns::Answer> addresses = co_await dns::query_all(probes.dns, questions);
    if (addresses[0].is_absent() && addresses[1].is_absent()) problem = "neither MX nor address";
  }
  if (!problem.empty())
    add(report, "dmarc.destination-without-mx", destination.text(), {{"destination", destination.text()}, {"problem", problem}}, {{"MX " + destination.text(), problem}});
}

asio::awaitable<void> judge_destinations(const Discovery& found, Probes& probes, CheckReport& report) {
  std::set<dns::Name> destinations;
  for (const auto* list : {&found.record->rua, &found.record->ruf})
    for (const ReportUri& uri : *list)
      if (uri.domain) destinations.insert(*uri.domain);
  for (const dns::Name& destination : destinations) {
    co_await judge_consent(found.record_domain, destination, probes, report);
    co_await judge_destination(destination, probes, report);
  }
}

json::value name_json(const std::optional<dns::Name>& name) { return name ? json::value(name->text()) : json::value(nullptr); }

json::object effective_json(const Discovery& found, const dns::Name& domain, Standard standard) {
  json::object out;
  const auto write = [&](std::string_view key, Subject subject) {
    if (!found.known) return;
    const Effective effective = found.record ? effective_policy(*found.record, subject, standard) : Effective{.applies = false};
    if (!effective.applies)
      out[key] = nullptr;
    else
      out[key] = json::object{{"policy", policy_text(effective.policy)}, {"from", effective.from}};
  };
  // The record of an ancestor treats the audited domain as its subdomain.
  const bool own = !found.record || found.record_domain == domain;
  write("domain", own ? Subject::domain : Subject::existing_subdomain);
  write("existing_subdomain", Subject::existing_subdomain);
  write("nonexistent_subdomain", Subject::nonexistent_subdomain);
  return out;
}

json::array walk_json(const Walk& walk) {
  json::array out;
  for (const WalkStep& step : walk.steps) {
    json::object entry{{"name", "_dmarc." + step.domain.text()}, {"status", dns::status_text(step.answer.status)}};
    entry["records"] = json::array(step.records.begin(), step.records.end());
    out.push_back(std::move(entry));
  }
  return out;
}

void write_facts(const dns::Name& domain, const Walk& walked, const Discovery& found, const Discovery& old, Facts& facts) {
  facts["record"] = found.record ? json::value(found.record->text) : json::value(nullptr);
  facts["record_domain"] = found.record ? json::value(found.record_domain.text()) : json::value(nullptr);
  const Subject subject = found.record_domain == domain ? Subject::domain : Subject::existing_subdomain;
  facts["policy"] = nullptr;
  if (found.record) {
    const Effective effective = effective_policy(*found.record, subject, Standard::rfc9989);
    if (effective.applies) facts["policy"] = policy_text(effective.policy);
  }
  facts["organizational_domain"] = name_json(found.organizational_domain);
  facts["tree_walk"] = walk_json(walked);
  facts["tree_walk_end"] = walk_end_text(walked.end);
  facts["rfc7489"] = json::object{{"known", old.known},
                                  {"organizational_domain", name_json(old.organizational_domain)},
                                  {"record_domain", old.record ? json::value(old.record_domain.text()) : json::value(nullptr)},
                                  {"record", old.record ? json::value(old.record->text) : json::value(nullptr)}};
  facts["effective"] = json::object{{"rfc9989", effective_json(found, domain, Standard::rfc9989)}, {"rfc7489", effective_json(old, domain, Standard::rfc7489)}};
  // With the domain itself in MAIL FROM and in d=, both identifiers are aligned in either mode.
  json::array alignment;
  const auto mode = [&](AlignmentMode wanted) { return wanted == AlignmentMode::strict ? "strict" : "relaxed"; };
  alignment.push_back(json::object{{"mechanism", "spf"}, {"identifier", domain.text()}, {"mode", mode(found.record ? found.record->aspf : AlignmentMode::relaxed)}, {"aligned", true}});
  alignment.push_back(json::object{{"mechanism", "dkim"}, {"identifier", domain.text()}, {"mode", mode(found.record ? found.record->adkim : AlignmentMode::relaxed)}, {"aligned", true}});
  facts["alignment"] = std::move(alignment);
}

}  // namespace

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report{.check = "dmarc"};
  const Walk walked = co_await walk(target.domain, probes.dns);
  const Discovery found = discover(target.domain, walked);
  const Discovery old = co_await discover_7489(target.domain, probes.dns);
  write_facts(target.domain, walked, found, old, report.facts);
  for (const WalkStep& step : walked.steps) {
    if (!step.answer.is_definite()) {
      const auto asked = step.domain.prefixed("_dmarc");
      report.could_not_tell(no_answer(asked ? *asked : step.domain, dns::Type::txt, step.answer));
    } else if (step.domain == target.domain || step.domain == found.organizational_domain) {
      co_await judge_name(step, probes, report);
    }
  }
  if (found.record) {
    judge_record(*found.record, found.record_domain, found.organizational_domain, report);
    co_await judge_destinations(found, probes, report);
  } else if (found.known) {
    co_await judge_missing(target, walked.steps, old, probes, report);
  }
  // Without any record the walk ends where it began, which says nothing about the organization.
  if ((found.record || old.record) && found.organizational_domain && old.organizational_domain && *found.organizational_domain != *old.organizational_domain)
    add(report, "dmarc.organizational-domain-differs", target.domain.text(),
        {{"domain", target.domain.text()}, {"tree_walk", found.organizational_domain->text()}, {"public_suffix_list", old.organizational_domain->text()}});
  co_return report;
}

}  // namespace mailmedic::dmarc
