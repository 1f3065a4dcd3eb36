#include <fmt/format.h>

#include <algorithm>

#include "checks/bounce/seen.hpp"
#include "checks/dane/check.hpp"
#include "checks/mta_sts/check.hpp"
#include "checks/smtp/reach.hpp"
#include "checks/tls/senders.hpp"
#include "lib/smtp/mail_hosts.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::bounce {

namespace {

constexpr std::size_t most_told = 4;  ///< addresses that are told one by one

/// One address of a mail host, and whether the claim holds for it.
struct Place {
  std::string name;  ///< "mx.example.org [192.0.2.1]"
  const smtp::Probe* probe = nullptr;
  std::string host;
};

std::vector<Place> places_of(const smtp::Survey& survey, std::string_view only) {
  std::vector<Place> out;
  for (const smtp::SurveyedHost& host : survey.hosts) {
    const std::string name = host.host.name.text();
    if (!only.empty() && name != only) continue;
    for (const smtp::Probe& probe : host.probes) out.push_back({fmt::format("{} [{}]", name, probe.request.endpoint.address.to_string()), &probe, name});
  }
  return out;
}

/// Of all places: it still holds where any of them shows it, and is gone where one shows the contrary and none shows it.
void conclude(const std::vector<std::optional<bool>>& verdicts, Seen& seen) {
  for (const std::optional<bool>& one : verdicts)
    if (one && (*one || !seen.still)) seen.still = one;
}

std::string stopped(const smtp::Probe& probe) {
  if (probe.banner && !probe.banner->is_positive()) return "it greets with " + probe.banner->text();
  std::string cause(smtp::cause_text(probe.cause));
  std::replace(cause.begin(), cause.end(), '_', ' ');
  return fmt::format("{} at the stage {}{}{}", cause, smtp::stage_text(probe.stopped_at.value_or(smtp::Stage::connect)), probe.why.empty() ? "" : ": ", probe.why);
}

void tell(const Place& place, std::string words, std::size_t number, Seen& seen) {
  seen.evidence.push_back({place.probe->request.place(), words});
  if (number < most_told) seen.found += fmt::format("{}{}: {}", number == 0 ? "" : "; ", place.name, words);
}

/// An address that is silent may be hidden by our own network; one that refuses speaks for itself.
std::optional<bool> takes_no_connection(const Claim& claim, const Place& place, std::string& words) {
  const smtp::Probe& probe = *place.probe;
  if (probe.was_greeted()) {
    words = "it takes connections and answers EHLO";
    if (!claim.after_greetings) return false;
    words += "; what came behind was not tried";
    return std::nullopt;
  }
  words = stopped(probe);
  const smtp::Reach reach = smtp::reach_of(probe);
  if (reach == smtp::Reach::accepted || reach == smtp::Reach::refused) return true;
  words += ", which a port 25 closed on our side would look like too";
  return std::nullopt;
}

/// What a sender of one kind does: "opportunistic", "dane", "mta_sts", "must_verify".
struct Sender {
  std::string outcome, why;
};
Sender sender_of(const Facts& senders, std::string_view kind) {
  const auto& row = senders.at(kind).as_object();
  return {std::string(row.at("outcome").as_string()), std::string(row.at("why").as_string())};
}

std::optional<bool> fails_tls(const Claim& claim, const Facts& senders, std::string& words) {
  const Sender sender = sender_of(senders, "opportunistic");
  words = sender.why;
  if (sender.outcome == "unknown") return std::nullopt;
  const bool encrypted = sender.outcome == "delivers_encrypted";
  if (claim.kind == ClaimKind::tls) return !encrypted;
  if (!encrypted) return false;
  words += "; that mail without it is refused was not tried";
  return std::nullopt;
}

/// Without a policy that is named, those that the receiver publishes; where it has none, the sender's own.
std::optional<bool> fails_policy(const Claim& claim, const Facts& senders, std::string& words) {
  std::vector<std::string> kinds{claim.policy};
  if (claim.policy.empty()) {
    kinds.clear();
    for (const std::string_view kind : {"dane", "mta_sts"})
      if (sender_of(senders, kind).outcome != "not_applicable") kinds.emplace_back(kind);
    if (kinds.empty()) kinds.emplace_back("must_verify");
  }
  std::optional<bool> out;
  for (const std::string& kind : kinds) {
    const Sender sender = sender_of(senders, kind);
    words += fmt::format("{}{}: {}", words.empty() ? "" : "; ", kind == "dane" ? "DANE" : kind == "mta_sts" ? "MTA-STS" : "certificate", sender.why);
    if (sender.outcome == "refuses") out = true;
    else if (sender.outcome == "unknown" && out != true) return std::nullopt;
    else if (!out) out = false;
  }
  return out;
}

/// Why there is no address to connect to; `still` is set where that is sure.
std::string no_servers(const smtp::MailHosts& mail, std::optional<bool>& still) {
  if (mail.kind == smtp::MailHosts::Kind::unknown) return "DNS did not answer for the domain's mail servers";
  for (const smtp::MailHost& host : mail.hosts) {
    if (!host.is_definite()) return "DNS did not answer for the addresses of its mail servers";
    if (host.a.status == dns::Status::answered || host.aaaa.status == dns::Status::answered) return "its mail servers have no address of the families asked for (-4, -6)";
  }
  still = true;
  return mail.kind == smtp::MailHosts::Kind::null_mx ? "the domain has a null MX: it takes no mail" : "the domain has no mail server with an address";
}

}  // namespace

asio::awaitable<Seen> ask_servers(const Claim& claim, const Context& context, Probes& probes) {
  Seen seen;
  if (!claim.domain) {
    seen.found = "the recipient is not known (--to)";
    co_return seen;
  }
  if (!context.may_connect) {
    seen.found = "this run has connected to the servers of many domains already";
    co_return seen;
  }
  const smtp::Survey survey = co_await smtp::survey(probes.dns, probes.smtp, *claim.domain, "", context.families);
  std::vector<Place> places = places_of(survey, claim.host);
  if (places.empty()) places = places_of(survey, "");  // the MX has changed since
  if (places.empty()) {
    std::optional<bool> still;
    seen.found = no_servers(survey.mail, still);
    seen.evidence.push_back({"MX " + claim.domain->text(), std::string(dns::status_text(survey.mail.mx.status))});
    for (const smtp::MailHost& host : survey.mail.hosts) seen.evidence.push_back({"A, AAAA " + host.name.text(), fmt::format("{}, {}", dns::status_text(host.a.status), dns::status_text(host.aaaa.status))});
    if (claim.kind == ClaimKind::unreachable) seen.still = still;
    co_return seen;
  }
  std::vector<CheckReport> policies;
  if (claim.kind == ClaimKind::certificate) {
    const Target target{.domain = *claim.domain, .ipv4 = context.families.ipv4, .ipv6 = context.families.ipv6};
    CheckReport dane = co_await dane::check(target, probes);
    CheckReport mta_sts = co_await mta_sts::check(target, probes);
    policies.push_back(std::move(dane));
    policies.push_back(std::move(mta_sts));
  }
  std::vector<std::optional<bool>> verdicts;
  for (const Place& place : places) {
    std::string words;
    if (claim.kind == ClaimKind::unreachable) {
      verdicts.push_back(takes_no_connection(claim, place, words));
    } else {
      const Facts senders = tls_scan::senders_of(place.host, *place.probe, policies);
      verdicts.push_back(claim.kind == ClaimKind::certificate ? fails_policy(claim, senders, words) : fails_tls(claim, senders, words));
    }
    tell(place, std::move(words), verdicts.size() - 1, seen);
  }
  if (places.size() > most_told) seen.found += fmt::format("; and {} more", places.size() - most_told);
  conclude(verdicts, seen);
  co_return seen;
}

}  // namespace mailmedic::bounce
