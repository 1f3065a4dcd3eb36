#include "checks/refusal/refusal.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/bounce/claims.hpp"
#include "checks/bounce/judge.hpp"
#include "checks/bounce/reply_text.hpp"

namespace mailmedic::refusal {

namespace {
using smtp::Cause;
using smtp::Probe;

/// As the server wrote it.
std::string wire_text(const smtp::Reply& reply) {
  std::string out;
  for (std::size_t i = 0; i < reply.lines.size(); ++i) out += fmt::format("{}{}{}{}", i > 0 ? "\n" : "", reply.code, i + 1 < reply.lines.size() ? '-' : ' ', reply.lines[i]);
  return out.empty() ? std::to_string(reply.code) : out;
}

std::pair<std::string_view, const std::optional<smtp::Reply>*> refused_at(const Probe& probe) {
  switch (probe.cause) {
    case Cause::banner_busy:
    case Cause::banner_rejected: return {"CONN", &probe.banner};
    case Cause::ehlo_rejected: return {"EHLO", probe.ehlo_after_tls ? &probe.ehlo_after_tls : probe.helo ? &probe.helo : &probe.ehlo};
    case Cause::mail_rejected: return {"MAIL", &probe.mail};
    case Cause::rcpt_rejected: return {"RCPT", &probe.rcpt};
    case Cause::data_rejected: return {"DATA", &probe.data};
    default: return {"", nullptr};
  }
}

/// Where each list that the reply names takes requests for removal, and links of the reply itself.
std::vector<Evidence> places_for_help(const message::RecipientReport& read, const bounce::Verdict& verdict, const bounce::Context& context) {
  std::vector<Evidence> out;
  const auto add = [&](std::string source, const std::string& text) {
    const bool known = std::any_of(out.begin(), out.end(), [&](const Evidence& one) { return one.text == text; });
    if (!known && !text.empty()) out.push_back({std::move(source), text});
  };
  for (const bounce::Claim& claim : bounce::claims_of(read, verdict, context)) {
    if (claim.kind == bounce::ClaimKind::listed && claim.list) add(fmt::format("{}: look-up and removal", claim.list->shown), claim.list->url);
    if (claim.kind == bounce::ClaimKind::link) add("link in the reply", claim.said);
    if (claim.kind == bounce::ClaimKind::ticket) add("ticket in the reply", claim.said);
  }
  return out;
}

void add(Finding finding, CheckReport& report) {
  const auto same = std::find_if(report.findings.begin(), report.findings.end(), [&](const Finding& known) { return known.id == finding.id && known.subject == finding.subject && known.args == finding.args; });
  if (same == report.findings.end()) report.findings.push_back(std::move(finding));
}
}  // namespace

std::vector<Refusal> refusals_of(const smtp::Survey& survey) {
  std::vector<Refusal> out;
  for (const smtp::SurveyedHost& host : survey.hosts)
    for (const Probe& probe : host.probes) {
      const auto [command, reply] = refused_at(probe);
      if (!reply || !*reply) continue;
      Refusal one{.host = host.host.name.text(), .endpoint = probe.request.endpoint, .ours = probe.our_address, .command = std::string(command), .reply = **reply, .recipient = {}};
      if (command == "RCPT") one.recipient = probe.request.rcpt_to.value_or("");
      out.push_back(std::move(one));
    }
  return out;
}

void judge(const std::vector<Refusal>& refusals, const bounce::Classifier& classifier, std::shared_ptr<const std::vector<blocklist::List>> lists, CheckReport& report) {
  for (const Refusal& refusal : refusals) {
    message::RecipientReport read = bounce::read_reply(wire_text(refusal.reply));
    read.remote_mta = refusal.host;
    read.remote_address = refusal.endpoint.address.to_string();
    read.command = refusal.command;
    read.recipient = refusal.recipient;
    const bounce::Verdict verdict = classifier.classify(read);
    if (!verdict.rule || verdict.ground > bounce::Ground::status) continue;
    read.recipient.clear();  // the finding is about the server, as are those that it explains
    CheckReport told;
    bounce::judge(read, verdict, classifier, told);
    bounce::Context context;
    context.own = {refusal.ours};
    context.lists = lists;
    std::vector<Evidence> help = places_for_help(read, verdict, context);
    Finding& finding = told.findings.front();
    finding.evidence.insert(finding.evidence.end(), help.begin(), help.end());
    // What passes by itself is no fault that was found: the finding about the stage says that it was not measured.
    if (refusal.reply.is_transient() && verdict.rule->retry == bounce::Retry::later) finding.severity = Severity::info;
    add(std::move(finding), report);
  }
}

}  // namespace mailmedic::refusal
