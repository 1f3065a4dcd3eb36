#include "checks/bounce/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "lib/message/date.hpp"
#include "lib/text/iso_time.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::bounce {

namespace {

/// The start of a text, not cut within a character.
std::string shortened(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return std::string(text);
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
  return std::string(text.substr(0, longest)) + "...";
}

std::string subject_of(const message::RecipientReport& report) {
  return !report.recipient.empty() ? report.recipient : !report.remote_mta.empty() ? report.remote_mta : "reply";
}

Evidence evidence_of(const message::RecipientReport& report) {
  std::string source = report.remote_mta.empty() ? "reply" : report.remote_mta;
  if (!report.remote_address.empty()) source += fmt::format(" [{}]", report.remote_address);
  if (!report.command.empty()) source += ", " + report.command;
  return {std::move(source), shortened(report.diagnostic, 2000)};
}

std::string code_of(const message::RecipientReport& report) {
  return report.reply_code.empty() ? report.status : report.status.empty() ? report.reply_code : report.reply_code + " " + report.status;
}

using Memory = boost::json::storage_ptr;

boost::json::array strings(const std::vector<std::string>& all) {
  boost::json::array out;
  for (const std::string& one : all) out.push_back(boost::json::value(one));
  return out;
}

Facts claim_json(const Claim& claim, const Memory& memory) {
  Facts row({{"kind", kind_word(claim.kind)}, {"said", claim.said}}, memory);
  if (claim.address) row["address"] = claim.address->to_string();
  if (claim.domain) row["domain"] = claim.domain->text();
  if (claim.list) row["list"] = claim.list->shown;
  return row;
}

Finding about(std::string_view id, const message::RecipientReport& report, Args args) {
  Finding finding{.id = id, .subject = subject_of(report), .args = std::move(args)};
  finding.evidence = {evidence_of(report)};
  return finding;
}

void judge_retry(const message::RecipientReport& report, const Rule& rule, CheckReport& out) {
  const char digit = !report.reply_code.empty() ? report.reply_code[0] : !report.status.empty() ? report.status[0] : '0';
  if (digit == '4' && rule.retry != Retry::later) out.findings.push_back(about("bounce.never-heals", report, {{"code", code_of(report)}}));
  if (digit == '5' && rule.retry == Retry::later && rule.reason->category != "network") out.findings.push_back(about("bounce.heals", report, {{"code", code_of(report)}}));
}

}  // namespace

void judge(const message::RecipientReport& report, const Verdict& verdict, const Classifier& classifier, CheckReport& out) {
  const std::string reply = shortened(report.diagnostic.empty() ? code_of(report) : report.diagnostic, 160);
  if (!verdict.rule) {
    const Nearest near = classifier.nearest(report.diagnostic);
    out.could_not_tell(about("bounce.unmatched", report, {{"reply", reply}, {"nearest", near.rule ? near.rule->id : "-"}}));
    return;
  }
  const Rule& rule = *verdict.rule;
  const auto spaced = [](const std::string& text) { return text.empty() ? text : " " + text; };
  Finding finding = about(rule.reason->finding, report, {{"reply", reply}, {"advice-en", spaced(rule.advice)}, {"advice-zh", rule.advice_zh}});
  finding.evidence.push_back({"rule " + rule.id, fmt::format("by {}; {}, read {}", ground_word(verdict.ground), rule.source, rule.read)});
  out.findings.push_back(std::move(finding));
  judge_retry(report, rule, out);
}

std::string said_at(const message::RecipientReport& report, const Context& context) {
  const std::string& written = report.last_attempt.empty() ? context.said_at : report.last_attempt;
  const auto time = message::read_date(written);
  return time ? text::iso_time(*time) : written;
}

void judge_claims(const message::RecipientReport& report, const std::vector<Rechecked>& claims, const Context& context, TimePoint now, CheckReport& out) {
  const std::string said = claims.empty() ? std::string() : said_at(report, context);
  for (const Rechecked& one : claims) {
    const std::string_view id = one.held == Held::confirmed ? "bounce.claim-confirmed" : one.held == Held::gone ? "bounce.claim-gone" : one.held == Held::contradicted ? "bounce.claim-contradicted" : "bounce.claim-untested";
    Finding finding = about(id, report, {{"said", one.claim.said}, {"found", one.found}, {"said-at", said.empty() ? said : fmt::format(" ({})", said)}, {"checked-at", text::iso_time(now)}});
    finding.evidence.insert(finding.evidence.end(), one.evidence.begin(), one.evidence.end());
    if (one.held == Held::untested) out.could_not_tell(std::move(finding));
    else out.findings.push_back(std::move(finding));
  }
  if (context.own.empty()) return;
  for (const net::Address& address : addresses_in(report.diagnostic)) {
    const bool servers = address.to_string() == report.remote_address;
    if (!servers && std::find(context.own.begin(), context.own.end(), address) == context.own.end())
      out.findings.push_back(about("bounce.not-ours", report, {{"address", address.to_string()}}));
  }
}

Facts to_json(const Rechecked& rechecked, const message::RecipientReport& report, const Context& context, TimePoint now, const Memory& memory) {
  Facts out = claim_json(rechecked.claim, memory);
  out["verdict"] = held_word(rechecked.held);
  out["found"] = rechecked.found;
  boost::json::array evidence(memory);
  for (const Evidence& one : rechecked.evidence) evidence.push_back(Facts({{"source", one.source}, {"text", shortened(one.text, 2000)}}, memory));
  out["evidence"] = std::move(evidence);
  out["said_at"] = said_at(report, context);
  out["checked_at"] = text::iso_time(now);
  return out;
}

Facts to_json(const message::RecipientReport& report, const Verdict& verdict, const Classifier& classifier, const std::vector<Claim>& claims,
              const std::vector<Rechecked>& rechecked, const Context& context, TimePoint now, const Memory& memory) {
  Facts out({{"recipient", report.recipient}}, memory);
  out.reserve(18);
  if (!report.original_recipient.empty()) out["original_recipient"] = report.original_recipient;
  const Rule* rule = verdict.rule;
  out["class"] = rule ? rule->reason->category : "unmatched";
  out["reason"] = rule ? rule->reason->id : "unmatched";
  out["hard"] = rule && rule->retry == Retry::never;
  if (rule) out["retry"] = retry_word(rule->retry);
  for (const auto& [key, value] : {std::pair("status", &report.status), {"reply", &report.reply_code}, {"action", &report.action}, {"command", &report.command},
                                   {"remote_mta", &report.remote_mta}, {"remote_address", &report.remote_address}, {"last_attempt", &report.last_attempt}})
    out[key] = *value;
  out["diagnostic"] = shortened(report.diagnostic, 2000);
  if (verdict.provider) out["provider"] = verdict.provider->id;
  out["matched_by"] = ground_word(verdict.ground);
  if (rule) out["rule"] = rule->id;
  else if (const Nearest near = classifier.nearest(report.diagnostic); near.rule) out["nearest"] = Facts{{"rule", near.rule->id}, {"alike", near.alike}};
  boost::json::array rows(memory);
  for (const Rechecked& one : rechecked) rows.push_back(to_json(one, report, context, now, memory));
  for (const Claim& claim : claims)
    if (rechecked.empty() || !can_be_asked(claim.kind)) rows.push_back(claim_json(claim, memory));
  out["claims"] = std::move(rows);
  return out;
}

Facts to_json(const Rule& rule, const RuleSet& rules) {
  Facts out{{"id", rule.id}, {"file", rule.file}};
  if (rule.provider >= 0) out["provider"] = rules.providers[static_cast<std::size_t>(rule.provider)].name;
  out["match"] = strings(rule.match);
  out["status"] = strings(rule.status);
  out["reply"] = strings(rule.reply);
  out["reason"] = rule.reason->id;
  out["class"] = rule.reason->category;
  out["hard"] = rule.retry == Retry::never;
  out["retry"] = retry_word(rule.retry);
  out["only_here"] = rule.only_here;
  out["source"] = rule.source;
  out["read"] = rule.read;
  out["samples"] = strings(rule.samples);
  return out;
}

}  // namespace mailmedic::bounce
