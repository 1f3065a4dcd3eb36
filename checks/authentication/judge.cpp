// What SPF, DKIM and DMARC of a message mean together.
#include <algorithm>

#include "checks/authentication/authenticate.hpp"
#include "checks/no_answer.hpp"
#include "checks/signature/judge.hpp"
#include "checks/spf/check.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::authentication {

namespace {

Finding made(std::string_view id, std::string subject, Args args, std::vector<Evidence> evidence) {
  Finding finding{.id = id, .subject = std::move(subject)};
  finding.args = std::move(args);
  finding.evidence = std::move(evidence);
  return finding;
}

/// "method=result ..." of one field, in lower case, comments left out. RFC 8601 section 2.2.
std::vector<std::pair<std::string, std::string>> claims_of(std::string_view value) {
  std::vector<std::pair<std::string, std::string>> out;
  constexpr std::size_t most = 50;
  for (const std::string_view part : text::split(value, ';')) {
    const std::string_view claim = text::trimmed(part);
    const auto equals = claim.find('=');
    if (equals == claim.npos || out.size() == most) continue;
    const auto words = text::words(claim.substr(equals + 1));
    const std::string method = text::lower(text::trimmed(claim.substr(0, equals)));
    if (!words.empty() && (method == "spf" || method == "dkim" || method == "dmarc")) out.emplace_back(method, text::lower(words.front().substr(0, words.front().find('('))));
  }
  return out;
}

/// What we found, by the same word; empty where it is not known. DKIM passes when any signature does.
std::string found_for(const Authenticated& all, std::string_view method) {
  if (method == "spf") return all.spf && all.spf->result != spf::Result::temp_error ? std::string(spf::result_text(all.spf->result)) : std::string();
  if (method == "dmarc") {
    const std::string result = dmarc_of(all, dmarc::Standard::rfc9989).result;
    return result == "temperror" ? std::string() : result;
  }
  const auto has = [&](signature::Result result) { return std::any_of(all.dkim.signatures.begin(), all.dkim.signatures.end(), [&](const auto& one) { return one.result == result; }); };
  if (has(signature::Result::pass)) return "pass";
  if (has(signature::Result::temperror)) return {};
  return all.dkim.signatures.empty() ? "none" : "fail";
}

/// Only the topmost field is by the receiver that wrote last; what it says of pass or not is compared.
void judge_claims(const Authenticated& all, const message::RawMessage& message, CheckReport& report) {
  const auto field = std::find_if(message.fields.begin(), message.fields.end(), [](const auto& one) { return text::equals_ignoring_case(one.name, "Authentication-Results"); });
  if (field == message.fields.end()) return;
  const auto claims = claims_of(field->value);
  std::vector<std::string> seen;
  for (const auto& [method, word] : claims) {
    if (std::find(seen.begin(), seen.end(), method) != seen.end()) continue;
    seen.push_back(method);
    const auto passes = [&](const auto& claim) { return claim.first == method && claim.second == "pass"; };
    const bool claimed = std::any_of(claims.begin(), claims.end(), passes);
    const std::string found = found_for(all, method);
    if (found.empty() || claimed == (found == "pass")) continue;
    report.findings.push_back(made("authentication.claim-differs", "Authentication-Results", {{"method", method}, {"claimed", claimed ? "pass" : word}, {"found", found}},
                                   {{"Authentication-Results", message::in_one_line(text::trimmed(field->value.substr(0, 1000)))}}));
  }
}

std::vector<Evidence> evidence_of(const Authenticated& all) {
  std::vector<Evidence> out;
  for (const dmarc::AlignedIdentifier& one : all.identifiers) {
    const std::string mechanism = one.identifier.mechanism == dmarc::Mechanism::spf ? "SPF of " : "DKIM of ";
    const std::string passed = !one.identifier.passed ? "not known to pass" : *one.identifier.passed ? "passes" : "does not pass";
    const auto aligned = one.aligned();
    out.push_back({mechanism + one.identifier.domain.text(), passed + (!aligned ? "; alignment not known" : *aligned ? "; aligned" : "; not aligned")});
  }
  if (out.empty()) out.push_back({"message", "neither SPF nor DKIM names a domain"});
  return out;
}

/// Which mechanisms pass for the author's organization?
bool carries(const Authenticated& all, dmarc::Mechanism mechanism) {
  return std::any_of(all.identifiers.begin(), all.identifiers.end(), [&](const auto& one) { return one.identifier.mechanism == mechanism && one.identifier.passed == true && one.aligned() == true; });
}

void judge_dmarc(const Authenticated& all, CheckReport& report) {
  const std::string& author = all.author->text();
  for (const dmarc::WalkStep& step : all.picture->walked.steps) {
    const auto asked = step.domain.prefixed("_dmarc");
    if (!step.answer.is_definite()) report.could_not_tell(no_answer(asked ? *asked : step.domain, dns::Type::txt, step.answer));
  }
  const Dmarc now = dmarc_of(all, dmarc::Standard::rfc9989), old = dmarc_of(all, dmarc::Standard::rfc7489);
  const Args args{{"domain", author}, {"policy", now.policy}};
  if (now.result == "none") report.findings.push_back(made("authentication.no-policy", author, args, {{"TXT _dmarc." + author, "no policy"}}));
  if (now.result == "fail") {
    Finding finding = made("authentication.dmarc-fails", author, args, evidence_of(all));
    if (now.policy == "none") finding.severity = Severity::error;
    report.findings.push_back(std::move(finding));
  }
  if (!now.aligned && !all.spf && now.result == "temperror" && all.picture->found.known) report.could_not_tell(made("authentication.dmarc-unknown", author, args, evidence_of(all)));
  const bool differ = now.result != old.result && now.result != "temperror" && old.result != "temperror";
  if (differ) report.findings.push_back(made("authentication.standards-differ", author, {{"domain", author}, {"new", now.result}, {"old", old.result}}, evidence_of(all)));
  if (now.result == "pass" && !carries(all, dmarc::Mechanism::dkim)) report.findings.push_back(made("authentication.rests-on-spf", author, args, evidence_of(all)));
}

void judge_signers(const Authenticated& all, CheckReport& report) {
  std::vector<std::string> others;
  for (const dmarc::AlignedIdentifier& one : all.identifiers) {
    if (one.identifier.mechanism != dmarc::Mechanism::dkim) continue;
    if (one.aligned() != false) return;  // one of the author's own, or not known
    others.push_back(one.identifier.domain.text());
  }
  if (others.empty()) return;
  report.findings.push_back(made("authentication.only-others-sign", all.author->text(), {{"domain", all.author->text()}, {"signers", text::joined(others, ", ")}}, evidence_of(all)));
}

}  // namespace

void judge(const Authenticated& all, const message::RawMessage& message, TimePoint now, CheckReport& report) {
  signature::judge(all.dkim, message, now, report);
  arc::judge(all.arc, report);
  if (all.spf) {
    spf::Query query;
    query.ip = *all.envelope.ip;
    query.sender = all.envelope.from;
    query.helo = all.envelope.helo;
    spf::judge(*all.spf, query, report);
  } else {
    report.could_not_tell(made("authentication.no-client", "message", {}, {{"header", "no Received field names the address of a client outside"}}));
  }
  if (all.author) {
    judge_dmarc(all, report);
    judge_signers(all, report);
  }
  judge_claims(all, message, report);
}

}  // namespace mailmedic::authentication
