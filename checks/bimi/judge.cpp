#include "checks/bimi/judge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/no_answer.hpp"

namespace mailmedic::bimi {

namespace {

void add(CheckReport& report, std::string_view id, std::string subject, Args args, std::vector<Evidence> evidence) {
  Finding finding{.id = id, .subject = std::move(subject)};
  finding.args = std::move(args);
  finding.evidence = std::move(evidence);
  report.findings.push_back(std::move(finding));
}

std::string_view id_of(Fault fault) {
  switch (fault) {
    case Fault::syntax: return "bimi.syntax";
    case Fault::duplicate: return "bimi.duplicate-tag";
    case Fault::no_location: return "bimi.no-location";
    case Fault::bad_uri: return "bimi.bad-uri";
    case Fault::bad_value: return "bimi.bad-value";
  }
  return "bimi.syntax";
}

const dmarc::WalkStep* step_of(const dmarc::Walk& walk, const dns::Name& domain) {
  const auto same = std::find_if(walk.steps.begin(), walk.steps.end(), [&](const dmarc::WalkStep& step) { return step.domain == domain; });
  return same == walk.steps.end() ? nullptr : &*same;
}

/// The record of one domain, or the lack of one, against the draft's "Author Domain Policy".
void judge_dmarc_record(const dns::Name& domain, const dmarc::Record* record, dmarc::Subject subject, CheckReport& report) {
  const std::string name = "_dmarc." + domain.text();
  const Evidence seen{"TXT " + name, record ? record->text : "no DMARC record"};
  const dmarc::Effective effective = record ? dmarc::effective_policy(*record, subject, dmarc::Standard::rfc9989) : dmarc::Effective{.applies = false};
  if (!effective.applies || effective.policy == dmarc::Policy::none)
    add(report, "bimi.dmarc-policy", domain.text(), {{"domain", domain.text()}, {"policy", effective.applies ? "none" : "-"}}, {seen});
  if (!record) return;
  if (record->sp == dmarc::Policy::none && effective.from != "sp") add(report, "bimi.dmarc-subdomains", domain.text(), {{"domain", domain.text()}}, {seen});
  if (record->pct && *record->pct < 100) add(report, "bimi.dmarc-sampled", domain.text(), {{"domain", domain.text()}, {"pct", std::to_string(*record->pct)}}, {seen});
}

/// Why a document did not come whole, in the server's own words.
std::string failure_of(const https::Response& response) {
  if (response.handshake && response.handshake->alert)
    return fmt::format("TLS alert {} ({})", response.handshake->alert->name, response.handshake->alert->from_peer ? "sent by the server" : "sent by us");
  return fmt::format("{} at {}{}{}", https::cause_text(response.cause), https::stage_text(response.stopped_at), response.why.empty() ? "" : ": ", response.why);
}

/// What a verifier says against the server's certificate; empty: nothing, or it could not verify.
std::string distrust_of(const tls::Handshake& shake) {
  const tls::Verification& verdict = shake.verification;
  if (verdict.name_matches == false) return "it is for another name";
  return verdict.performed && !verdict.trusted ? verdict.text : std::string();
}

bool is_cut_off(const https::Response& response) { return response.cause == https::Cause::body_too_large && response.status == 200; }

}  // namespace

Finding no_text(std::string_view label, const dns::Name& domain, const dns::Answer& answer) {
  const auto asked = domain.prefixed(label);
  return no_answer(asked ? *asked : domain, dns::Type::txt, answer);
}

void judge_record(const Found& found, CheckReport& report) {
  const Evidence seen{"TXT " + found.name, found.record.text};
  for (const Problem& problem : found.record.problems)
    add(report, id_of(problem.fault), found.domain.text(), {{"name", found.name}, {"tag", problem.tag}, {"value", problem.value}, {"why", problem.why}}, {seen});
  if (found.record.is_declined) add(report, "bimi.declined", found.domain.text(), {{"domain", found.domain.text()}}, {seen});
  else if (found.record.logo && !found.record.has_certificate) add(report, "bimi.no-certificate", found.domain.text(), {{"domain", found.domain.text()}}, {seen});
}

void judge_policy(const dns::Name& domain, const dmarc::Walk& walk, CheckReport& report) {
  const dmarc::Discovery policy = dmarc::discover(domain, walk);
  const auto organization = walk.organizational_domain();
  if (!policy.known || !organization) {
    for (const dmarc::WalkStep& step : walk.steps)
      if (!step.answer.is_definite()) report.could_not_tell(no_text("_dmarc", step.domain, step.answer));
    return;
  }
  const bool own = !policy.record || policy.record_domain == domain;
  judge_dmarc_record(own ? domain : policy.record_domain, policy.record ? &*policy.record : nullptr,
                     own ? dmarc::Subject::domain : dmarc::Subject::existing_subdomain, report);
  if (!policy.record || policy.record_domain == *organization) return;
  const dmarc::WalkStep* above = step_of(walk, *organization);
  if (above) judge_dmarc_record(*organization, above->record ? &*above->record : nullptr, dmarc::Subject::domain, report);
}

std::optional<std::string> judge_served(const Found& found, const Document& document, CheckReport& report) {
  const std::string subject = found.domain.text(), url = document.url.text();
  Args args{{"url", url}, {"tag", std::string(document.tag)}, {"host", document.url.host.text()}};
  const https::Response* best = document.fetched.best();
  if (!best) {
    const https::HostAddresses& host = document.fetched.host;
    const dns::Answer& failed = host.a.is_definite() ? host.aaaa : host.a;
    if (!host.is_definite()) report.could_not_tell(no_answer(document.url.host, host.a.is_definite() ? dns::Type::aaaa : dns::Type::a, failed));
    else if (host.is_absent()) add(report, "bimi.host-missing", subject, std::move(args), {{"A, AAAA " + document.url.host.text(), std::string(dns::status_text(host.a.status))}});
    return std::nullopt;
  }
  const std::string source = fmt::format("GET {} at {}", url, best->endpoint());
  if (!best->is_complete() && !is_cut_off(*best)) {
    const bool told = https::reach_of(*best) == https::Reach::answered;
    args.emplace_back("reason", failure_of(*best));
    if (told) {
      add(report, "bimi.not-served", subject, std::move(args), {{source, failure_of(*best)}});
    } else {
      Finding unknown{.id = "bimi.not-fetched", .subject = subject, .args = std::move(args)};
      unknown.evidence = {{source, failure_of(*best)}};
      report.could_not_tell(std::move(unknown));
    }
    return std::nullopt;
  }
  if (const std::string distrust = distrust_of(*best->handshake); !distrust.empty()) {
    Args more = args;
    more.emplace_back("reason", distrust);
    add(report, "bimi.server-certificate", subject, std::move(more), {{source, distrust}});
  }
  if (!best->handshake->verification.performed) {
    Finding unknown{.id = "bimi.no-trust-store", .subject = subject, .args = {{"host", document.url.host.text()}, {"why", best->handshake->verification.text}}};
    unknown.evidence = {{source, best->handshake->verification.text}};
    report.could_not_tell(std::move(unknown));
  }
  if (best->status != 200) {
    args.emplace_back("status", std::to_string(best->status));
    const bool moved = best->status >= 300 && best->status < 400;
    add(report, moved ? "bimi.redirect" : "bimi.status", subject, std::move(args), {{source, fmt::format("{} {} {}", best->status, best->reason, best->location.substr(0, 300))}});
    return std::nullopt;
  }
  return best->body;
}

}  // namespace mailmedic::bimi
