#include "checks/smtp/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "checks/mail_survey.hpp"
#include "checks/smtp/about.hpp"
#include "checks/smtp/blocked_port.hpp"
#include "checks/smtp/reach.hpp"
#include "checks/smtp/requests.hpp"
#include "checks/smtp/timing.hpp"
#include "lib/smtp/probe_json.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::smtp {

namespace {
/// A greeting that takes longer is worth a word. RFC 5321 section 4.5.3.1.1 lets senders wait five minutes for it,
/// but some give up after 10 to 30 seconds.
constexpr std::chrono::seconds slow_greeting{10};

std::string address_of(const Probe& probe) { return probe.request.endpoint.address.to_string(); }
bool is_ipv6(const Probe& probe) { return probe.request.endpoint.address.is_v6(); }

Evidence ending_of(const Probe& probe) {
  const std::string_view stage = probe.stopped_at ? stage_label(*probe.stopped_at) : "end";
  return at(probe, stage, probe.why.empty() ? std::string(cause_text(probe.cause)) : probe.why);
}

bool any(const Survey& survey, Reach reach) {
  for (const SurveyedHost& host : survey.hosts)
    for (const Probe& probe : host.probes)
      if (reach_of(probe) == reach) return true;
  return false;
}

bool accepts_over_ipv4(const SurveyedHost& host) {
  return std::any_of(host.probes.begin(), host.probes.end(),
                     [](const Probe& probe) { return !is_ipv6(probe) && reach_of(probe) == Reach::accepted; });
}

/// Senders fall back to IPv4, so that a dead IPv6 address beside a working IPv4 one is one warning about the host
/// and not an error about the address.
void judge_ipv6(const SurveyedHost& host, CheckReport& report) {
  Finding dead{.id = "smtp.ipv6-dead", .subject = host.host.name.text()};
  std::vector<std::string> addresses;
  for (const Probe& probe : host.probes) {
    const Reach reach = reach_of(probe);
    if (!is_ipv6(probe) || (reach != Reach::refused && reach != Reach::silent)) continue;
    addresses.push_back(address_of(probe));
    dead.evidence.push_back(ending_of(probe));
  }
  if (addresses.empty()) return;
  dead.args = {{"host", host.host.name.text()}, {"addresses", text::joined(addresses, ", ")}};
  report.findings.push_back(std::move(dead));
}

void judge_connections(const Survey& survey, CheckReport& report) {
  const bool some_accept = any(survey, Reach::accepted), some_silent = any(survey, Reach::silent);
  const bool some_refuse = any(survey, Reach::refused), some_local = any(survey, Reach::local);
  Finding unreachable{.id = "smtp.unreachable", .subject = survey.mail.domain.text()};
  Finding no_ipv6{.id = "smtp.no-ipv6-here", .subject = survey.mail.domain.text()};
  for (const SurveyedHost& host : survey.hosts) {
    const bool falls_back = accepts_over_ipv4(host);
    if (falls_back) judge_ipv6(host, report);
    for (const Probe& probe : host.probes) {
      const Reach reach = reach_of(probe);
      if (falls_back && is_ipv6(probe) && reach != Reach::local) continue;
      if (reach == Reach::refused) {
        Finding refused = about("smtp.refused", host, probe);
        // A silent address may yet be alive, so that "nobody accepts" is sure only when all have answered.
        if (!some_accept && !some_silent && !some_local) refused.severity = Severity::critical;
        refused.evidence.push_back(ending_of(probe));
        report.findings.push_back(std::move(refused));
      } else if (reach == Reach::silent && some_accept) {
        report.findings.push_back(about("smtp.silent", host, probe));
        report.findings.back().evidence.push_back(ending_of(probe));
      } else if (reach == Reach::silent || (reach == Reach::no_route_here && !is_ipv6(probe))) {
        unreachable.evidence.push_back(ending_of(probe));
      } else if (reach == Reach::no_route_here) {
        no_ipv6.evidence.push_back(ending_of(probe));
      } else if (reach == Reach::local) {
        Finding local = about("smtp.local-error", host, probe);
        local.args.emplace_back("reason", probe.why);
        report.could_not_tell(std::move(local));
      }
    }
  }
  if (!unreachable.evidence.empty()) {
    unreachable.args = {{"domain", survey.mail.domain.text()}, {"addresses", std::to_string(unreachable.evidence.size())}};
    report.could_not_tell(std::move(unreachable));
  }
  // Many machines have no IPv6. That is no news about the domain as long as its other addresses told something;
  // the facts keep it. Only when nothing else was there to measure it is the answer "could not tell".
  if (!no_ipv6.evidence.empty() && !some_accept && !some_refuse) {
    no_ipv6.args = {{"domain", survey.mail.domain.text()}};
    report.could_not_tell(std::move(no_ipv6));
  }
}

/// 421 and other 4xx before the greetings are over: the server is there, and tells us to come later. What it
/// would have shown was not measured. Internet.nl issue 727 is what comes of taking it for a missing feature.
void busy(const SurveyedHost& host, const Probe& probe, const Reply& reply, CheckReport& report) {
  Finding finding = about("smtp.busy", host, probe);
  finding.args.emplace_back("code", std::to_string(reply.code));
  finding.evidence.push_back(at(probe, stage_label(*probe.stopped_at), reply.text()));
  report.could_not_tell(std::move(finding));
}

void judge_ehlo_rejected(const SurveyedHost& host, const Probe& probe, CheckReport& report) {
  const std::optional<Reply>& reply = probe.ehlo_after_tls ? probe.ehlo_after_tls : probe.helo ? probe.helo : probe.ehlo;
  if (reply && reply->is_transient()) return busy(host, probe, *reply, report);
  Finding finding = about("smtp.ehlo-rejected", host, probe);
  finding.args.emplace_back("name", probe.our_name);
  finding.evidence.push_back(said(probe, "reply to EHLO", reply));
  report.findings.push_back(std::move(finding));
}

/// The stage at which the conversation ended, where it was not the network's doing.
void judge_ending(const SurveyedHost& host, const Probe& probe, CheckReport& report) {
  const Stage stage = probe.stopped_at.value_or(Stage::quit);
  const auto found = [&](std::string_view id, Evidence evidence) {
    report.findings.push_back(about(id, host, probe));
    report.findings.back().args.emplace_back("stage", stage_label(stage));
    report.findings.back().evidence.push_back(std::move(evidence));
  };
  std::string last_words;
  for (const TranscriptEntry& entry : probe.transcript.entries())
    if (entry.direction == TranscriptEntry::Direction::received) last_words = entry.text;
  switch (probe.cause) {
    case Cause::banner_busy: return busy(host, probe, *probe.banner, report);
    case Cause::banner_rejected: return found("smtp.banner-rejected", said(probe, "banner", probe.banner));
    case Cause::not_smtp: return found("smtp.not-smtp", at(probe, "instead of a banner", last_words));
    case Cause::ehlo_rejected: return judge_ehlo_rejected(host, probe, report);
    case Cause::reply_malformed: return found("smtp.malformed-reply", at(probe, stage_label(stage), last_words));
    case Cause::reply_too_long: return found("smtp.reply-too-long", at(probe, stage_label(stage), last_words.substr(0, 200)));
    case Cause::timed_out:
    case Cause::closed:
    case Cause::reset: break;
    default: return;  // STARTTLS and TLS are the subject of the check "starttls"
  }
  if (stage == Stage::starttls || stage == Stage::tls) return;
  if (probe.cause != Cause::timed_out)
    return found(stage == Stage::banner ? "smtp.closed-before-banner" : "smtp.cut-off", ending_of(probe));
  // The limit is ours and shorter than the minutes that RFC 5321 section 4.5.3.2 grants the server.
  Finding finding = about("smtp.no-reply", host, probe);
  finding.args.emplace_back("stage", stage_label(stage));
  finding.evidence.push_back(ending_of(probe));
  report.could_not_tell(std::move(finding));
}

/// Some firewalls mask the banner with stars and overwrite extensions in the reply to EHLO ("XXXXXXXA").
bool looks_intercepted(const Probe& probe) {
  if (probe.banner && text::joined(probe.banner->lines, "").find("*****") != std::string::npos) return true;
  if (!probe.capabilities) return false;
  const auto& keywords = probe.capabilities->keywords;
  return std::any_of(keywords.begin(), keywords.end(), [](const Capabilities::Keyword& k) { return k.name.starts_with("XXXX"); });
}

void judge_form(const SurveyedHost& host, const Probe& probe, CheckReport& report) {
  if (probe.helo && probe.helo->is_positive()) {
    report.findings.push_back(about("smtp.helo-only", host, probe));
    report.findings.back().evidence.push_back(said(probe, "reply to EHLO", probe.ehlo));
  }
  if (looks_intercepted(probe)) {
    report.findings.push_back(about("smtp.intercepted", host, probe));
    report.findings.back().evidence = {said(probe, "banner", probe.banner), said(probe, "reply to EHLO", probe.ehlo)};
  }
  if (probe.bare_lf) report.findings.push_back(about("smtp.bare-lf", host, probe));
  for (const auto& reply : {probe.banner, probe.ehlo, probe.helo, probe.starttls, probe.ehlo_after_tls})
    if (reply && !reply->other_codes.empty()) {
      report.findings.push_back(about("smtp.mixed-codes", host, probe));
      report.findings.back().args.emplace_back("code", std::to_string(reply->code));
      report.findings.back().args.emplace_back("other", std::to_string(reply->other_codes.front()));
      report.findings.back().evidence.push_back(said(probe, "reply", reply));
      break;
    }
  const StageRecord* banner = probe.stage(Stage::banner);
  if (banner && probe.banner && banner->duration >= slow_greeting) {
    report.findings.push_back(about("smtp.slow-banner", host, probe));
    report.findings.back().args.emplace_back("seconds", fmt::format("{:.0f}", static_cast<double>(banner->duration.count()) / 1e6));
  }
}

/// Extensions whose absence on one of several hosts changes what becomes of a message.
constexpr std::string_view that_matter[] = {"8BITMIME", "SMTPUTF8", "SIZE", "DSN", "CHUNKING", "REQUIRETLS"};

/// What is said after TLS counts alone (RFC 3207 section 4.2): an extension that is gone then is of no use.
void judge_lost_extensions(const SurveyedHost& host, const Probe& probe, CheckReport& report) {
  if (!probe.capabilities || !probe.capabilities_after_tls) return;
  std::vector<std::string> lost;
  for (const std::string_view extension : that_matter)
    if (probe.capabilities->has(extension) && !probe.capabilities_after_tls->has(extension)) lost.emplace_back(extension);
  if (lost.empty()) return;
  Finding finding = about("smtp.extensions-lost", host, probe);
  finding.args.emplace_back("extensions", text::joined(lost, ", "));
  finding.evidence = {said(probe, "reply to EHLO", probe.ehlo), said(probe, "reply to EHLO after TLS", probe.ehlo_after_tls)};
  report.findings.push_back(std::move(finding));
}

void judge_differences(const Survey& survey, CheckReport& report) {
  std::vector<std::string> differing;
  for (const std::string_view extension : that_matter) {
    std::set<std::string> forms;
    for (const SurveyedHost& host : survey.hosts)
      for (const Probe& probe : host.probes)
        if (const Capabilities* can = probe.best_capabilities())
          forms.insert(!can->has(extension) ? "no" : extension == "SIZE" && can->size ? std::to_string(*can->size) : "yes");
    if (forms.size() > 1) differing.emplace_back(extension);
  }
  if (differing.empty()) return;
  Finding finding{.id = "smtp.extensions-differ", .subject = survey.mail.domain.text()};
  finding.args = {{"domain", survey.mail.domain.text()}, {"extensions", text::joined(differing, ", ")}};
  for (const SurveyedHost& host : survey.hosts)
    for (const Probe& probe : host.probes)
      if (const Capabilities* can = probe.best_capabilities())
        finding.evidence.push_back(at(probe, "reply to EHLO", text::joined(can->lines, " / ")));
  report.findings.push_back(std::move(finding));
}
}  // namespace

void judge(const Survey& survey, CheckReport& report) {
  judge_connections(survey, report);
  for (const SurveyedHost& host : survey.hosts)
    for (const Probe& probe : host.probes) {
      if (reach_of(probe) != Reach::accepted) continue;
      judge_ending(host, probe, report);
      judge_form(host, probe, report);
      judge_lost_extensions(host, probe, report);
      judge_requests(host, probe, report);
    }
  judge_differences(survey, report);
}

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report;
  report.check = "smtp";
  const net::Families families{target.ipv4, target.ipv6};
  const Survey seen = co_await survey(probes.dns, probes.smtp, target.domain, "", families);
  report.facts["hosts"] = facts_of(seen);
  if (seen.not_probed > 0) report.facts["addresses_not_probed"] = seen.not_probed;
  if (!has_mail_hosts(seen.mail, report)) co_return report;
  const std::vector<Probe> elsewhere = co_await knock_elsewhere(seen, probes.smtp);
  judge(seen, report);
  judge_blocked_port(seen, elsewhere, report);
  judge_times(seen, {}, report);
  co_return report;
}

}  // namespace mailmedic::smtp
