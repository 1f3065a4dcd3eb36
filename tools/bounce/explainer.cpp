#include "tools/bounce/explainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "checks/bounce/judge.hpp"
#include "checks/bounce/judge_report.hpp"
#include "checks/bounce/origin.hpp"
#include "checks/bounce/reply_text.hpp"
#include "lib/message/addresses.hpp"
#include "lib/message/fields.hpp"
#include "lib/message/mime.hpp"
#include "lib/text/ascii.hpp"
#include "tools/bounce/bundle.hpp"
#include "tools/cli/output.hpp"

namespace mailmedic::cli {

using message::ReportKind;
namespace json = boost::json;

namespace {

std::string_view kind_text(ReportKind kind) {
  switch (kind) {
    case ReportKind::bounce: return "bounce";
    case ReportKind::delayed: return "delayed";
    case ReportKind::delivered: return "delivered";
    case ReportKind::feedback: return "feedback";
    case ReportKind::auto_reply: return "auto-reply";
    case ReportKind::none: break;
  }
  return "none";
}

/// Bounces that strangers wrote must not make a flood of connections of us.
constexpr std::size_t most_connected = 50;

bool is_refused(const message::DeliveryReport& delivery) { return delivery.kind == ReportKind::bounce || delivery.kind == ReportKind::delayed; }

json::object feedback_facts(const message::Feedback& given, const json::storage_ptr& memory) {
  return json::object({{"type", given.type}, {"user_agent", given.user_agent}, {"source_address", given.source_address}, {"original_mail_from", given.original_mail_from},
          {"reported_domain", given.reported_domain}, {"arrival_date", given.arrival_date}, {"auth_failure", given.auth_failure}}, memory);
}

json::object plain_facts(const message::RecipientReport& one, const json::storage_ptr& memory) {
  return json::object({{"recipient", one.recipient}, {"action", one.action}, {"status", one.status}, {"diagnostic", one.diagnostic}}, memory);
}

std::string counted(const std::map<std::string, std::size_t>& counts) {
  std::vector<std::pair<std::string, std::size_t>> rows(counts.begin(), counts.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> out;
  for (const auto& [word, count] : rows) out.push_back(fmt::format("{} {}", count, word));
  return text::joined(out, ", ");
}

}  // namespace

void BounceCounts::add(const BounceCounts& others) {
  for (const auto& [kind, count] : others.kinds) kinds[kind] += count;
  for (const auto& [name, count] : others.classes) classes[name] += count;
}

std::size_t BounceCounts::messages() const {
  std::size_t out = 0;
  for (const auto& [kind, count] : kinds) out += count;
  return out;
}

std::string BounceCounts::text() const {
  std::string out = fmt::format("{} messages: {}\n", messages(), counted(kinds));
  if (!classes.empty()) out += fmt::format("recipients: {}\n", counted(classes));
  return out;
}

/// The user's words, else what the header of the returned message says; a report comes to the envelope sender.
bounce::Context Explainer::context_of(const message::DeliveryReport& delivery) const {
  bounce::Context out = order_.context;
  out.said_at = delivery.date.empty() ? delivery.arrival_date : delivery.date;
  out.returned = delivery.returned;
  const message::Header header(delivery.returned);
  const auto first_of = [&](std::string_view field) {
    const auto addresses = message::addresses_of(message::unfolded(header[field]));
    return addresses.empty() ? std::string() : addresses.front();
  };
  if (out.sender.empty()) out.sender = first_of("Return-Path");
  if (const std::string author = out.author ? std::string() : first_of("From"); !author.empty())
    if (const auto name = dns::Name::parse(std::string_view(author).substr(author.rfind('@') + 1))) out.author = *name;
  if (out.sender.empty()) out.sender = delivery.addressed_to;
  return out;
}

asio::awaitable<Facts> Explainer::explain_one(const message::DeliveryReport& delivery, const message::RecipientReport& one, bounce::Context& known, reports::Report& report) {
  CheckReport& check = report.checks.front();
  const bounce::Verdict verdict = order_.classifier.classify(one);
  ++counts_.classes[verdict.rule ? std::string(verdict.rule->reason->category) : "unmatched"];
  bounce::judge(one, verdict, order_.classifier, check);
  const std::vector<bounce::Claim> claims = bounce::claims_of(one, verdict, known);
  std::vector<bounce::Rechecked> rechecked;
  if (probes_) {
    for (const bounce::Claim& claim : claims)
      if (claim.domain && bounce::connects(claim.kind)) connected_.insert(claim.domain->text());
    known.may_connect = connected_.size() <= most_connected;
    rechecked = co_await bounce::recheck(claims, known, order_.fresh, *probes_);
  }
  const auto now = std::chrono::system_clock::now();
  bounce::judge_claims(one, rechecked, known, now, check);
  Facts out = bounce::to_json(one, verdict, order_.classifier, claims, rechecked, known, now, report.facts.storage());
  if (order_.bundle) {
    const Matter matter{delivery, one, verdict, known, rechecked, order_.mended, order_.language == reports::Language::zh ? &catalogue_ : nullptr};
    out["bundle"] = bundle_text(matter, now);
  }
  co_return out;
}

asio::awaitable<reports::Report> Explainer::explain(message::DeliveryReport delivery, std::string target) {
  reports::Report report = begin_report("bounce", std::move(target));
  const auto begin = std::chrono::steady_clock::now();
  CheckReport& check = report.checks.emplace_back();
  check.check = "bounce";
  ++counts_.kinds[std::string(kind_text(delivery.kind))];
  report.facts.insert({{"kind", kind_text(delivery.kind)}, {"format", delivery.format}, {"reporting_mta", delivery.reporting_mta}, {"envelope_id", delivery.envelope_id},
                       {"arrival_date", delivery.arrival_date}, {"subject", delivery.subject}});
  bounce::Context known = context_of(delivery);
  json::array recipients(report.facts.storage());
  for (const message::RecipientReport& one : delivery.recipients) {
    if (!is_refused(delivery)) {
      recipients.push_back(plain_facts(one, report.facts.storage()));
      continue;
    }
    Facts facts = co_await explain_one(delivery, one, known, report);
    recipients.push_back(std::move(facts));
  }
  report.facts["recipients"] = std::move(recipients);
  if (!is_refused(delivery)) bounce::judge_report(delivery, check);
  if (probes_ && !known.own.empty() && is_refused(delivery)) {
    const bounce::Origin origin = co_await bounce::ask_origin(delivery, known, *probes_);
    bounce::judge_origin(origin, known, check);
    report.facts["origin"] = {{"ours", bounce::ours_word(origin.ours)}, {"why", origin.why}};
  }
  if (delivery.kind == ReportKind::feedback) report.facts["feedback"] = feedback_facts(delivery.feedback, report.facts.storage());
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  co_return report;
}

message::DeliveryReport pasted(const std::string& words, const std::string& recipient, const std::string& host) {
  message::DeliveryReport out{.kind = ReportKind::bounce, .format = "reply"};
  message::RecipientReport one = bounce::read_reply(words);
  if (!recipient.empty()) one.recipient = recipient;
  if (!host.empty()) one.remote_mta = host;
  if (one.reply_code.starts_with('4') || (one.reply_code.empty() && one.status.starts_with('4'))) {
    one.action = "delayed";
    out.kind = ReportKind::delayed;
  } else {
    one.action = "failed";
  }
  out.recipients.push_back(std::move(one));
  return out;
}

std::string bundles_of(const Facts& facts) {
  std::string out;
  for (const auto& one : facts.at("recipients").as_array())
    if (const auto* text = one.as_object().if_contains("bundle")) out += (out.empty() ? "" : "\n----\n\n") + std::string(text->as_string());
  return out;
}

}  // namespace mailmedic::cli
