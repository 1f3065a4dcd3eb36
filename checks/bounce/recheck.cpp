#include "checks/bounce/recheck.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/bounce/seen.hpp"
#include "checks/spf/evaluate.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/net/parallel.hpp"
#include "lib/smtp/mail_hosts.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::bounce {

namespace {

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
  seen.evidence.push_back({fmt::format("A record in {}", claim.list->shown), seen.found});
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
  seen.evidence.push_back({fmt::format("TXT {}", evaluation.domain), evaluation.trace.record.empty() ? seen.found : evaluation.trace.record});
  co_return seen;
}

asio::awaitable<Seen> ask_reverse_name(const Claim& claim, Probes& probes) {
  Seen seen;
  const dns::Name name = dns::Name::parse(net::reverse_name(*claim.address)).value();
  const dns::Answer pointers = co_await probes.dns.query(name, dns::Type::ptr);
  seen.evidence.push_back({"PTR " + name.text(), std::string(dns::status_text(pointers.status))});
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
  seen.evidence.back().text = text::joined(names, ", ");
  if (back || all_answered) seen.still = !back;
  seen.found = fmt::format("the name is {}, which {}", text::joined(names, ", "), back ? "has the address" : all_answered ? "does not have the address" : "could not be looked up");
  co_return seen;
}

/// A domain with a null MX can neither be sent to nor answered. RFC 7505.
asio::awaitable<Seen> ask_domain(const Claim& claim, Probes& probes) {
  Seen seen;
  if (!claim.domain) {
    seen.found = claim.kind == ClaimKind::sender_domain ? "the sender is not known (--from)" : "the recipient is not known (--to)";
    co_return seen;
  }
  const smtp::MailHosts mail = co_await smtp::find_mail_hosts(probes.dns, *claim.domain);
  seen.evidence.push_back({"MX " + claim.domain->text(), std::string(dns::status_text(mail.mx.status))});
  const auto has_address = [](const smtp::MailHost& host) { return !host.addresses.empty(); };
  const bool any_address = std::any_of(mail.hosts.begin(), mail.hosts.end(), has_address);
  const bool all_known = std::all_of(mail.hosts.begin(), mail.hosts.end(), [](const smtp::MailHost& host) { return host.is_definite(); });
  using Kind = smtp::MailHosts::Kind;
  if (mail.kind == Kind::null_mx) {
    seen.still = true;
    seen.found = "it has a null MX: it takes no mail";
  } else if (mail.kind == Kind::none) {
    seen.still = true;
    seen.found = mail.mx.status == dns::Status::nx_domain ? "there is no such domain" : "it has neither MX nor address";
  } else if (mail.kind == Kind::implicit && any_address) {
    seen.still = false;
    seen.found = "it has an address, though no MX record";
  } else if (mail.kind == Kind::listed && any_address) {
    seen.still = false;
    seen.found = fmt::format("it has an MX record: {}", std::find_if(mail.hosts.begin(), mail.hosts.end(), has_address)->name.text());
  } else if (mail.kind == Kind::listed && all_known && !mail.hosts.empty()) {
    seen.still = true;
    seen.found = fmt::format("no host of its MX records has an address: {}", mail.hosts.front().name.text());
  } else {
    seen.found = "DNS did not answer for the domain";
  }
  co_return seen;
}

/// Not a `switch`, within which g++ 12 cannot await.
asio::awaitable<Seen> ask(const Claim& claim, const Context& context, Probes& probes) {
  const ClaimKind kind = claim.kind;
  if (kind == ClaimKind::listed) co_return co_await ask_list(claim, probes);
  if (kind == ClaimKind::spf) co_return co_await ask_spf(claim, context, probes);
  if (kind == ClaimKind::reverse_name) co_return co_await ask_reverse_name(claim, probes);
  if (kind == ClaimKind::no_domain || kind == ClaimKind::sender_domain) co_return co_await ask_domain(claim, probes);
  if (kind == ClaimKind::dmarc || kind == ClaimKind::no_dmarc) co_return co_await ask_dmarc(claim, context, probes);
  if (kind == ClaimKind::signature) co_return co_await ask_signatures(context, probes);
  co_return co_await ask_servers(claim, context, probes);
}

asio::awaitable<Rechecked> recheck_one(Claim claim, const Context& context, bool fresh, Probes& probes) {
  Rechecked out{.claim = std::move(claim)};
  Seen seen = co_await ask(out.claim, context, probes);
  out.found = std::move(seen.found);
  if (seen.still) out.held = *seen.still ? Held::confirmed : fresh ? Held::contradicted : Held::gone;
  for (Evidence& one : seen.evidence) out.evidence.push_back(std::move(one));
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
    if (can_be_asked(claim.kind)) work.push_back(recheck_one(std::move(claim), context, fresh, probes));
  if (work.empty()) co_return std::vector<Rechecked>();
  co_return co_await net::in_parallel(std::move(work));
}

}  // namespace mailmedic::bounce
