#include "checks/bounce/recheck.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/dmarc/discover.hpp"
#include "checks/spf/evaluate.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/net/parallel.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::bounce {

namespace {

/// Is it still so? Nothing: it could not be told.
struct Seen {
  std::optional<bool> still{};
  std::string found;
  Evidence evidence{};
};

asio::awaitable<Seen> ask_list(const Claim& claim, Probes& probes) {
  Seen seen;
  const std::vector<blocklist::List> lists{*claim.list};
  const std::vector<blocklist::Subject> subjects{claim.address ? blocklist::Subject(*claim.address) : blocklist::Subject(*claim.domain)};
  const std::vector<blocklist::Result> results = co_await blocklist::ask(lists, subjects, probes.dns, false);
  if (results.empty()) {
    seen.found = "this list is not about such";
    co_return seen;
  }
  const blocklist::Result& result = results.front();
  if (result.state == blocklist::State::listed) seen.still = true;
  if (result.state == blocklist::State::clean) seen.still = false;
  const std::string words = result.reason.empty() ? text::joined(result.meanings, "; ") : result.reason;
  seen.found = fmt::format("{}{}{}", blocklist::state_word(result.state), words.empty() ? "" : ": ", words);
  seen.evidence = {fmt::format("A record in {}", claim.list->shown), seen.found};
  co_return seen;
}

asio::awaitable<Seen> ask_spf(const Claim& claim, const Context& context, Probes& probes) {
  Seen seen;
  if (context.sender.empty() && context.helo.empty()) {
    seen.found = "neither the envelope sender (--from) nor the EHLO name (--helo) is known";
    co_return seen;
  }
  const spf::Query query{.ip = *claim.address, .sender = context.sender, .helo = context.helo, .now = probes.now};
  const spf::Evaluation evaluation = co_await spf::evaluate(query, probes.dns);
  if (evaluation.result != spf::Result::temp_error) seen.still = evaluation.result != spf::Result::pass;
  seen.found = fmt::format("SPF is {}{}{}", spf::result_text(evaluation.result), evaluation.mechanism.empty() ? "" : " by ", evaluation.mechanism);
  if (!evaluation.why.empty()) seen.found += ": " + evaluation.why;
  seen.evidence = {fmt::format("TXT {}", evaluation.domain), evaluation.trace.record.empty() ? seen.found : evaluation.trace.record};
  co_return seen;
}

asio::awaitable<Seen> ask_reverse_name(const Claim& claim, Probes& probes) {
  Seen seen;
  const dns::Name name = dns::Name::parse(net::reverse_name(*claim.address)).value();
  const dns::Answer pointers = co_await probes.dns.query(name, dns::Type::ptr);
  seen.evidence = {"PTR " + name.text(), std::string(dns::status_text(pointers.status))};
  if (pointers.is_absent()) {
    seen.still = true;
    seen.found = "there is no PTR record";
    co_return seen;
  }
  std::vector<dns::Question> questions;
  std::vector<std::string> names;
  for (const dns::Name& host : pointers.all<dns::Name>()) {
    if (names.size() == 5) break;
    names.push_back(host.text());
    questions.push_back({host, dns::address_type(*claim.address)});
  }
  if (!pointers.is_definite() || questions.empty()) {
    seen.found = "DNS did not answer for the PTR record";
    co_return seen;
  }
  const std::vector<dns::Answer> answers = co_await dns::query_all(probes.dns, questions);
  bool back = false, all_answered = true;
  for (const dns::Answer& answer : answers) {
    const auto addresses = answer.all<net::Address>();
    back = back || std::find(addresses.begin(), addresses.end(), *claim.address) != addresses.end();
    all_answered = all_answered && answer.is_definite();
  }
  seen.evidence.text = text::joined(names, ", ");
  if (back || all_answered) seen.still = !back;
  seen.found = fmt::format("the name is {}, which {}", text::joined(names, ", "), back ? "has the address" : all_answered ? "does not have the address" : "could not be looked up");
  co_return seen;
}

asio::awaitable<Seen> ask_dmarc(const Claim& claim, Probes& probes) {
  Seen seen;
  if (!claim.domain) {
    seen.found = "the From domain is not known (--from)";
    co_return seen;
  }
  const dmarc::Walk walk = co_await dmarc::walk(*claim.domain, probes.dns);
  const dmarc::Discovery discovery = dmarc::discover(*claim.domain, walk);
  if (!discovery.known) {
    seen.found = "DNS did not answer for the DMARC record";
    co_return seen;
  }
  const bool has_policy = discovery.record && discovery.record->p;
  seen.evidence = {"TXT _dmarc." + (discovery.record ? discovery.record_domain : *claim.domain).text(), discovery.record ? discovery.record->text : "none"};
  seen.found = has_policy ? fmt::format("the policy is p={}", dmarc::policy_text(*discovery.record->p)) : std::string("there is no policy");
  if (claim.kind == ClaimKind::no_dmarc) seen.still = !has_policy;
  else if (!has_policy || *discovery.record->p == dmarc::Policy::none) seen.still = false;
  else seen.found += "; whether the message passes is told by mailmedic message FILE";
  co_return seen;
}

/// A domain with a null MX can neither be sent to nor answered. RFC 7505.
asio::awaitable<Seen> ask_domain(const Claim& claim, Probes& probes) {
  Seen seen;
  if (!claim.domain) {
    seen.found = claim.kind == ClaimKind::sender_domain ? "the sender is not known (--from)" : "the recipient is not known (--to)";
    co_return seen;
  }
  const std::vector<dns::Question> questions{{*claim.domain, dns::Type::mx}, {*claim.domain, dns::Type::a}, {*claim.domain, dns::Type::aaaa}};
  const std::vector<dns::Answer> answers = co_await dns::query_all(probes.dns, questions);
  const std::vector<dns::Mx> hosts = answers[0].all<dns::Mx>();
  const bool null_mx = hosts.size() == 1 && hosts[0].host == dns::Name();
  seen.evidence = {"MX " + claim.domain->text(), std::string(dns::status_text(answers[0].status))};
  if (answers[0].status == dns::Status::answered) {
    seen.still = null_mx;
    seen.found = null_mx ? "it has a null MX: it takes no mail" : fmt::format("it has an MX record: {}", hosts.empty() ? std::string("?") : hosts[0].host.text());
  } else if (answers[0].is_absent() && (answers[1].status == dns::Status::answered || answers[2].status == dns::Status::answered)) {
    seen.still = false;
    seen.found = "it has an address, though no MX record";
  } else if (answers[0].is_absent() && answers[1].is_absent() && answers[2].is_absent()) {
    seen.still = true;
    seen.found = answers[0].status == dns::Status::nx_domain ? "there is no such domain" : "it has neither MX nor address";
  } else {
    seen.found = "DNS did not answer for the domain";
  }
  co_return seen;
}

asio::awaitable<Rechecked> recheck_one(Claim claim, const Context& context, bool fresh, Probes& probes) {
  Rechecked out{.claim = std::move(claim)};
  Seen seen;
  switch (out.claim.kind) {
    case ClaimKind::listed: seen = co_await ask_list(out.claim, probes); break;
    case ClaimKind::spf: seen = co_await ask_spf(out.claim, context, probes); break;
    case ClaimKind::reverse_name: seen = co_await ask_reverse_name(out.claim, probes); break;
    case ClaimKind::dmarc:
    case ClaimKind::no_dmarc: seen = co_await ask_dmarc(out.claim, probes); break;
    case ClaimKind::no_domain:
    case ClaimKind::sender_domain: seen = co_await ask_domain(out.claim, probes); break;
    case ClaimKind::limit:
    case ClaimKind::link: break;
  }
  out.found = std::move(seen.found);
  if (seen.still) out.held = *seen.still ? Held::confirmed : fresh ? Held::contradicted : Held::gone;
  if (!seen.evidence.source.empty()) out.evidence.push_back(std::move(seen.evidence));
  co_return out;
}

}  // namespace

std::string_view held_word(Held held) {
  switch (held) {
    case Held::confirmed: return "confirmed";
    case Held::gone: return "no-longer-true";
    case Held::contradicted: return "contradicted";
    case Held::untested: break;
  }
  return "not-checkable";
}

asio::awaitable<std::vector<Rechecked>> recheck(std::vector<Claim> claims, const Context& context, bool fresh, Probes& probes) {
  std::vector<asio::awaitable<Rechecked>> work;
  for (Claim& claim : claims)
    if (claim.kind != ClaimKind::limit && claim.kind != ClaimKind::link) work.push_back(recheck_one(std::move(claim), context, fresh, probes));
  if (work.empty()) co_return std::vector<Rechecked>();
  co_return co_await net::in_parallel(std::move(work));
}

}  // namespace mailmedic::bounce
