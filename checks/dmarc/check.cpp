// DMARC of a domain: who speaks for it, what the record says, where the reports go.
#include "checks/dmarc/check.hpp"

#include <fmt/format.h>

#include "checks/dmarc/destinations.hpp"
#include "checks/dmarc/identifiers.hpp"
#include "checks/no_answer.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::dmarc {

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
asio::awaitable<void> judge_missing(const Picture& picture, Probes& probes, CheckReport& report) {
  const std::string& domain = picture.domain.text();
  // A broken or doubled record was said already; "missing" beside it would mislead.
  for (const Finding& finding : report.findings)
    if (finding.id == "dmarc.version" || finding.id == "dmarc.several-records") co_return;
  std::vector<std::pair<dns::Name, std::vector<std::string>>> elsewhere{{picture.domain, texts_of(picture.author.txt)}};
  if (auto prefixed = picture.domain.prefixed("dmarc")) {
    const dns::Answer answer = co_await probes.dns.query(*prefixed, dns::Type::txt);
    elsewhere.emplace_back(std::move(*prefixed), texts_of(answer));
  }
  for (const auto& [name, texts] : elsewhere)
    for (const std::string& text : texts)
      if (is_dmarc_record(text)) {
        add(report, "dmarc.wrong-name", domain, {{"found", name.text()}, {"name", "_dmarc." + domain}, {"domain", domain}, {"record", text}},
            {{"TXT " + name.text(), text}});
        co_return;
      }
  // One record at the organizational domain speaks for all below it; a domain without mail needs one of its own.
  const bool takes_no_mail = picture.author.has_null_mx() || picture.author.is_parked() == true;
  const std::string organization = takes_no_mail ? domain : picture.old_found.organizational_domain.value_or(picture.domain).text();
  const std::string record = takes_no_mail ? "v=DMARC1; p=reject" : fmt::format("v=DMARC1; p=none; rua=mailto:dmarc-reports@{}", organization);
  std::vector<Evidence> evidence;
  for (const WalkStep& step : picture.walked.steps) evidence.push_back({"TXT _dmarc." + step.domain.text(), std::string(dns::status_text(step.answer.status))});
  add(report, "dmarc.missing", domain, {{"domain", domain}, {"organization", organization}, {"record", record}}, std::move(evidence));
}

/// Has every selector that the user named no key? Then DKIM carries nothing. Nothing: no selector was named, or DNS did
/// not answer for one (which the check of keys says).
asio::awaitable<std::optional<bool>> has_no_key(const Target& target, Probes& probes) {
  std::vector<dns::Question> questions;
  for (const std::string& selector : target.selectors)
    if (auto name = target.domain.prefixed(selector + "._domainkey")) questions.push_back({std::move(*name), dns::Type::txt});
  if (questions.empty() || questions.size() != target.selectors.size()) co_return std::nullopt;
  bool none = true;
  for (const dns::Answer& answer : co_await dns::query_all(probes.dns, questions)) {
    if (!answer.is_definite()) co_return std::nullopt;
    none = none && answer.is_absent();
  }
  co_return none;
}

/// What SPF and DKIM could carry, as far as it shows without a message.
asio::awaitable<void> judge_alignment(const Target& target, const Picture& picture, Probes& probes, CheckReport& report) {
  const std::optional<bool> no_key = co_await has_no_key(target, probes);
  std::vector<Identifier> identifiers(2);
  identifiers[0].domain = target.mail_from.value_or(target.domain);
  if (identifiers[0].domain == target.domain && picture.author.may_pass_spf() == false) identifiers[0].passed = false;
  identifiers[1].mechanism = Mechanism::dkim;
  identifiers[1].domain = target.domain;
  if (no_key == true) identifiers[1].passed = false;
  const Record* record = picture.found.record ? &*picture.found.record : nullptr;
  const std::vector<AlignedIdentifier> aligned = co_await align_all(target.domain, std::move(identifiers), record, probes.dns);
  report.facts["alignment"] = to_json(aligned);
  const auto effective = picture.effective(Subject::domain, Standard::rfc9989);
  // A domain that sends nothing is to pass nowhere.
  if (!record || !effective || picture.author.is_parked() == true) co_return;
  judge_identifiers(target.domain, aligned, effective->applies ? effective->policy : Policy::none, report);
}

}  // namespace

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report{.check = "dmarc"};
  const Picture picture = co_await look(target.domain, probes.dns);
  const Discovery& found = picture.found;
  const Discovery& old = picture.old_found;
  write_facts(picture, report.facts);
  for (const WalkStep& step : picture.walked.steps) {
    if (!step.answer.is_definite()) {
      const auto asked = step.domain.prefixed("_dmarc");
      report.could_not_tell(no_answer(asked ? *asked : step.domain, dns::Type::txt, step.answer));
    } else if (step.domain == target.domain || step.domain == found.organizational_domain) {
      co_await judge_name(step, probes, report);
    }
  }
  co_await judge_alignment(target, picture, probes, report);
  if (found.record) {
    judge_record(*found.record, found.record_domain, found.organizational_domain, report);
    judge_policy(picture, report);
    co_await judge_destinations(*found.record, found.record_domain, probes, report);
  } else if (found.known) {
    co_await judge_missing(picture, probes, report);
  }
  // Without any record the walk ends where it began, which says nothing about the organization.
  if ((found.record || old.record) && found.organizational_domain && old.organizational_domain && *found.organizational_domain != *old.organizational_domain)
    add(report, "dmarc.organizational-domain-differs", target.domain.text(),
        {{"domain", target.domain.text()}, {"tree_walk", found.organizational_domain->text()}, {"public_suffix_list", old.organizational_domain->text()}});
  co_return report;
}

}  // namespace mailmedic::dmarc
