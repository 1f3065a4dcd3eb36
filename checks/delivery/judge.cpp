#include "checks/delivery/judge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/text/ascii.hpp"

namespace mailmedic::delivery {

namespace {
using smtp::Delivery;
using smtp::Handover;
using Outcome = Handover::Outcome;

std::string server_of(const Delivery& delivery) {
  const smtp::ProbeRequest& request = delivery.probe.request;
  return request.host.empty() ? request.place() : fmt::format("{} ({})", request.host, request.place());
}

Finding about(std::string_view id, const Handover& handover, const Delivery& delivery) {
  Finding out{.id = id, .subject = handover.recipient};
  const smtp::Reply none;
  const smtp::Reply& reply = handover.reply ? *handover.reply : none;
  out.args = {{"recipient", handover.recipient}, {"server", server_of(delivery)}, {"stage", std::string(smtp::stage_label(handover.stage))}, {"reply", reply.text()}, {"queue", handover.queue_id}};
  out.evidence = {{fmt::format("{}, {}", server_of(delivery), smtp::stage_label(handover.stage)), handover.reply ? reply.text() : delivery.probe.why}};
  return out;
}

void judge_recipient(const Handover& handover, const Delivery& delivery, CheckReport& report) {
  switch (handover.outcome) {
    case Outcome::accepted: return report.findings.push_back(about("delivery.accepted", handover, delivery));
    case Outcome::refused: return report.findings.push_back(about("delivery.refused", handover, delivery));
    case Outcome::deferred: return report.findings.push_back(about(is_greylisting(*handover.reply) ? "delivery.greylisted" : "delivery.deferred", handover, delivery));
    case Outcome::unknown: break;
  }
  if (delivery.end_was_sent) return report.could_not_tell(about("delivery.uncertain", handover, delivery));
  Finding undelivered = about("delivery.not-handed-over", handover, delivery);
  undelivered.args.emplace_back("cause", smtp::cause_text(delivery.probe.cause));
  report.findings.push_back(std::move(undelivered));
}
}  // namespace

bool is_greylisting(const smtp::Reply& reply) {
  if (!reply.is_transient()) return false;
  const std::string text = text::lower(reply.text());
  for (const std::string_view word : {"greylist", "graylist", "grey list", "gray list", "postgrey", "greylisting", "please retry later to prove"})
    if (text.find(word) != text.npos) return true;
  return false;
}

void judge(const Delivery& delivery, CheckReport& report) {
  for (const Handover& handover : delivery.recipients) judge_recipient(handover, delivery, report);
  for (const std::string& extension : delivery.probe.not_offered) {
    // Without it such a message must not go on: that is told of each recipient (delivery.not-handed-over).
    if (smtp::is_indispensable(extension) || delivery.probe.cause != smtp::Cause::none) continue;
    Finding missing{.id = extension == "8BITMIME" ? "delivery.eight-bit" : "delivery.wish-not-offered", .subject = server_of(delivery)};
    missing.args = {{"server", server_of(delivery)}, {"extension", extension}};
    const smtp::Capabilities* can = delivery.probe.best_capabilities();
    missing.evidence = {{server_of(delivery) + ", reply to EHLO", can ? text::joined(can->lines, " / ") : ""}};
    report.findings.push_back(std::move(missing));
  }
}

void judge_no_way(const std::vector<Handover>& recipients, const smtp::MailHosts& mail, CheckReport& report) {
  const bool is_known = mail.kind != smtp::MailHosts::Kind::unknown && std::all_of(mail.hosts.begin(), mail.hosts.end(), [](const smtp::MailHost& host) { return host.is_definite(); });
  for (const Handover& handover : recipients) {
    Finding finding{.id = is_known ? "delivery.no-way" : "delivery.way-unknown", .subject = handover.recipient};
    finding.args = {{"recipient", handover.recipient}, {"domain", mail.domain.text()}};
    finding.evidence = {{"MX " + mail.domain.text(), std::string(dns::status_text(mail.mx.status))}};
    for (const smtp::MailHost& host : mail.hosts) finding.evidence.push_back({"A, AAAA " + host.name.text(), std::string(dns::status_text(host.a.status)) + "; " + std::string(dns::status_text(host.aaaa.status))});
    if (is_known) report.findings.push_back(std::move(finding));
    else report.could_not_tell(std::move(finding));
  }
}

Finding provider_refusal(const KnownRefusal& known, const smtp::Reply& reply) {
  Finding out{.id = "delivery.provider-refusal", .subject = known.provider};
  out.args = {{"provider", known.provider}, {"meaning", known.meaning}, {"password", known.password}, {"user", known.user}, {"url", known.url}};
  out.evidence = {{"reply to AUTH", reply.text()}};
  return out;
}

boost::json::object facts_of(const Handover& handover, const Delivery& delivery) {
  boost::json::object out{{"recipient", handover.recipient}, {"outcome", smtp::outcome_text(handover.outcome)}, {"stage", smtp::stage_text(handover.stage)}};
  if (delivery.probe.stage(smtp::Stage::connect)) out["server"] = server_of(delivery);
  if (handover.reply) {
    out["reply"] = handover.reply->text();
    if (handover.reply->enhanced) out["status"] = handover.reply->enhanced->text();
  }
  if (!handover.queue_id.empty()) out["queue_id"] = handover.queue_id;
  return out;
}

}  // namespace mailmedic::delivery
