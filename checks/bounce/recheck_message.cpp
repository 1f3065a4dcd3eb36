#include <fmt/format.h>

#include <algorithm>

#include "checks/authentication/authenticate.hpp"
#include "checks/bounce/seen.hpp"
#include "lib/message/raw_message.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::bounce {

namespace {

/// What can be said of signatures whose message came back in part: they are held against its header alone.
bool holds_as_far_as_seen(const signature::Verified& one, const message::RawMessage& message) {
  return message.body.empty() && one.header_hash == signature::Hash::pass;
}

std::string name_of(const signature::Verified& one) { return one.tags ? fmt::format("the signature of {}, selector {}", one.tags->domain, one.tags->selector) : "a signature"; }

/// One sentence a signature: "the signature of example.org, selector s1, does not hold: ..."
std::string told(const signature::Verified& one, const message::RawMessage& message) {
  if (one.result == signature::Result::pass) return name_of(one) + ", holds";
  if (holds_as_far_as_seen(one, message)) return name_of(one) + ", holds for the header; the body did not come back";
  return fmt::format("{}, does not hold: {}", name_of(one), one.why);
}

std::string told(const signature::Verification& all, const message::RawMessage& message) {
  if (all.signatures.empty()) return "the returned message has no DKIM signature";
  std::vector<std::string> out;
  for (const signature::Verified& one : all.signatures) out.push_back(told(one, message));
  if (all.left_out > 0) out.push_back(fmt::format("{} more were not looked at", all.left_out));
  return text::joined(out, "; ");
}

void add_keys(const signature::Verification& all, Seen& seen) {
  for (const signature::Verified& one : all.signatures)
    if (one.tags) seen.evidence.push_back({"TXT " + one.key.name.text(), one.key.text.empty() ? one.key.why : one.key.text});
}

/// Nothing where there is no message that can be read; `why` says so.
std::optional<message::RawMessage> returned_message(const Context& context, std::string& why) {
  if (context.returned.empty()) {
    why = "the message itself did not come back";
    return std::nullopt;
  }
  auto message = message::parse_raw(context.returned);
  if (message) return std::move(*message);
  why = "what came back of the message cannot be read: " + message.error().why;
  return std::nullopt;
}

/// Does the returned message pass by what is published now? Fills in what it finds.
asio::awaitable<void> authenticate_returned(const Claim& claim, const Context& context, Probes& probes, Seen& seen) {
  std::string why;
  const std::optional<message::RawMessage> message = returned_message(context, why);
  if (!message) {
    seen.found += "; " + why;
    co_return;
  }
  authentication::Envelope envelope{.ip = claim.address, .from = context.sender, .helo = context.helo, .source = "the reply"};
  signature::Workshop workshop;
  CheckReport ignored;
  const authentication::Authenticated all = co_await authentication::authenticate(*message, std::move(envelope), probes, workshop, ignored);
  const authentication::Dmarc dmarc = authentication::dmarc_of(all, dmarc::Standard::rfc9989);
  add_keys(all.dkim, seen);
  seen.found += "; " + told(all.dkim, *message);
  if (all.spf) seen.found += fmt::format("; SPF is {} for {}", spf::result_text(all.spf->result), claim.address->to_string());
  else seen.found += "; SPF is not known without the sending address (--own)";
  if (dmarc.result == "pass") seen.still = false;
  const bool seen_in_part = std::any_of(all.dkim.signatures.begin(), all.dkim.signatures.end(), [&](const auto& one) { return holds_as_far_as_seen(one, *message); });
  if (dmarc.result == "fail" && !seen_in_part) seen.still = true;
}

}  // namespace

asio::awaitable<Seen> ask_signatures(const Context& context, Probes& probes) {
  Seen seen;
  const std::optional<message::RawMessage> message = returned_message(context, seen.found);
  if (!message) co_return seen;
  signature::Workshop workshop;
  const signature::Verification all = co_await signature::verify(*message, probes.dns, probes.now, workshop);
  seen.found = told(all, *message);
  add_keys(all, seen);
  bool any_holds = false, any_open = all.left_out > 0;
  for (const signature::Verified& one : all.signatures) {
    any_holds = any_holds || one.result == signature::Result::pass;
    any_open = any_open || one.result == signature::Result::temperror || holds_as_far_as_seen(one, *message);
  }
  if (any_holds) seen.still = false;
  else if (!any_open) seen.still = true;
  co_return seen;
}

asio::awaitable<Seen> ask_dmarc(const Claim& claim, const Context& context, Probes& probes) {
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
  const std::string record_name = "TXT _dmarc." + (discovery.record ? discovery.record_domain : *claim.domain).text();
  seen.evidence.push_back({record_name, discovery.record ? discovery.record->text : "none"});
  seen.found = has_policy ? fmt::format("the policy is p={}", dmarc::policy_text(*discovery.record->p)) : std::string("there is no policy");
  if (claim.kind == ClaimKind::no_dmarc) seen.still = !has_policy;
  else if (!has_policy || *discovery.record->p == dmarc::Policy::none) seen.still = false;
  else co_await authenticate_returned(claim, context, probes, seen);
  co_return seen;
}

}  // namespace mailmedic::bounce
