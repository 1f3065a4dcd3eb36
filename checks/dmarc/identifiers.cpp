#include "checks/dmarc/identifiers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lib/net/parallel.hpp"

namespace mailmedic::dmarc {

namespace json = boost::json;

namespace {

std::string_view word(Mechanism mechanism) { return mechanism == Mechanism::spf ? "spf" : "dkim"; }
std::string_view word(AlignmentMode mode) { return mode == AlignmentMode::strict ? "strict" : "relaxed"; }

std::string reason(const AlignedIdentifier& one) {
  const Alignment& alignment = one.alignment;
  if (alignment.strict) return "the same domain";
  if (!alignment.relaxed) return "DNS did not answer";
  const std::string author = alignment.author_organization->text();
  if (!*alignment.relaxed) return fmt::format("different organizations: {} and {}", author, alignment.identifier_organization->text());
  if (one.mode == AlignmentMode::strict) return fmt::format("the same organization, {}, where the policy wants the same domain", author);
  return fmt::format("the same organization: {}", author);
}

Finding finding_of(std::string_view id, const dns::Name& author, const AlignedIdentifier& one) {
  Finding finding{.id = id, .subject = author.text()};
  const bool spf = one.identifier.mechanism == Mechanism::spf;
  finding.args = {{"domain", author.text()}, {"identifier", one.identifier.domain.text()}, {"mechanism", spf ? "SPF" : "DKIM"},
                  {"tag", spf ? "aspf" : "adkim"}, {"reason", reason(one)}};
  finding.evidence = {{spf ? "domain that SPF checks" : "domain of the DKIM signature (d=)", one.identifier.domain.text()}};
  return finding;
}

asio::awaitable<AlignedIdentifier> align_one(const dns::Name& author, Identifier identifier, AlignmentMode mode, dns::Resolver& resolver) {
  AlignedIdentifier out;
  out.identifier = std::move(identifier);
  out.mode = mode;
  out.alignment = co_await align(author, out.identifier.domain, resolver);
  co_return out;
}

void judge_one(const dns::Name& author, const AlignedIdentifier& one, bool another, CheckReport& report) {
  if (one.identifier.passed == false) return;  // SPF and DKIM say so themselves
  const auto aligned = one.aligned();
  if (!aligned) return report.could_not_tell(finding_of("dmarc.alignment-unknown", author, one));
  if (*aligned) {
    if (!one.alignment.strict) report.findings.push_back(finding_of("dmarc.identifier-differs", author, one));
    return;
  }
  // Another identifier may carry the pass: then this is a loss, no failure.
  if (one.alignment.relaxed == true) {
    report.findings.push_back(finding_of("dmarc.strict-alignment", author, one));
    if (another) report.findings.back().severity = Severity::warning;
  } else {
    report.findings.push_back(finding_of("dmarc.not-aligned", author, one));
    if (another) report.findings.back().severity = Severity::info;
  }
}

void add(CheckReport& report, std::string_view id, const dns::Name& author, std::span<const AlignedIdentifier> all, Policy policy, Severity severity) {
  Finding finding{.id = id, .subject = author.text(), .severity = severity};
  finding.args = {{"domain", author.text()}, {"policy", std::string(policy_text(policy))}};
  for (const AlignedIdentifier& one : all) {
    const std::string passed = !one.identifier.passed ? "not known to pass" : *one.identifier.passed ? "passes" : "does not pass";
    finding.evidence.push_back({fmt::format("{} of {}", one.identifier.mechanism == Mechanism::spf ? "SPF" : "DKIM", one.identifier.domain.text()),
                                fmt::format("{}; {}", passed, reason(one))});
  }
  report.findings.push_back(std::move(finding));
}

}  // namespace

asio::awaitable<std::vector<AlignedIdentifier>> align_all(const dns::Name& author, std::vector<Identifier> identifiers, const Record* record,
                                                          dns::Resolver& resolver) {
  std::vector<asio::awaitable<AlignedIdentifier>> work;
  for (Identifier& one : identifiers) {
    const AlignmentMode mode = !record ? AlignmentMode::relaxed : one.mechanism == Mechanism::spf ? record->aspf : record->adkim;
    work.push_back(align_one(author, std::move(one), mode, resolver));
  }
  co_return co_await net::in_parallel(std::move(work));
}

Verdict verdict(std::span<const AlignedIdentifier> identifiers) {
  const auto carries = [](const AlignedIdentifier& one) { return one.identifier.passed == true && one.aligned() == true; };
  if (std::any_of(identifiers.begin(), identifiers.end(), carries)) return Verdict::pass;
  const bool open = std::any_of(identifiers.begin(), identifiers.end(), [](const AlignedIdentifier& one) { return one.may_carry(); });
  return open ? Verdict::unknown : Verdict::fail;
}

void judge_identifiers(const dns::Name& author, std::span<const AlignedIdentifier> identifiers, Policy policy, CheckReport& report) {
  bool by_spf = false, by_dkim = false;
  for (const AlignedIdentifier& one : identifiers) {
    const auto carries = [&](const AlignedIdentifier& other) { return &other != &one && other.may_carry(); };
    judge_one(author, one, std::any_of(identifiers.begin(), identifiers.end(), carries), report);
    if (one.may_carry()) (one.identifier.mechanism == Mechanism::spf ? by_spf : by_dkim) = true;
  }
  const bool enforced = policy != Policy::none;
  if (by_spf && !by_dkim) add(report, "dmarc.rests-on-spf", author, identifiers, policy, enforced ? Severity::critical : Severity::warning);
  if (!by_spf && !by_dkim) add(report, "dmarc.cannot-pass", author, identifiers, policy, enforced ? Severity::critical : Severity::error);
}

std::optional<dns::Name> author_of(std::span<const std::vector<dns::Name>> from_fields, CheckReport& report) {
  std::set<dns::Name> domains;
  for (const auto& field : from_fields) domains.insert(field.begin(), field.end());
  if (from_fields.size() == 1 && domains.size() == 1) return *domains.begin();
  Finding finding{.id = "dmarc.author-unclear", .subject = domains.empty() ? "From" : domains.begin()->text()};
  finding.args = {{"fields", std::to_string(from_fields.size())}, {"domains", std::to_string(domains.size())}};
  constexpr std::size_t enough = 10;
  for (const dns::Name& domain : domains)
    if (finding.evidence.size() < enough) finding.evidence.push_back({"From", domain.text()});
  if (domains.empty()) finding.evidence.push_back({"From", from_fields.empty() ? "no such field" : "no address with a domain"});
  report.findings.push_back(std::move(finding));
  return std::nullopt;
}

json::array to_json(std::span<const AlignedIdentifier> identifiers) {
  const auto bool_or_null = [](std::optional<bool> value) { return value ? json::value(*value) : json::value(nullptr); };
  json::array out;
  for (const AlignedIdentifier& one : identifiers)
    out.push_back(json::object{{"mechanism", word(one.identifier.mechanism)}, {"identifier", one.identifier.domain.text()},
                               {"passed", bool_or_null(one.identifier.passed)}, {"mode", word(one.mode)}, {"aligned", bool_or_null(one.aligned())},
                               {"aligned_by_rfc7489", one.mode == AlignmentMode::strict ? one.alignment.strict : one.alignment.relaxed_7489},
                               {"reason", reason(one)}});
  return out;
}

}  // namespace mailmedic::dmarc
