#include "checks/bounce/origin.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/signature/verify.hpp"
#include "lib/dns/public_suffix.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/message/addresses.hpp"
#include "lib/message/fields.hpp"
#include "lib/message/raw_message.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::bounce {

namespace {

bool is_own(const net::Address& address, const Context& context) { return std::find(context.own.begin(), context.own.end(), address) != context.own.end(); }

/// Addresses within a network say nothing about whose it is. RFC 1918, RFC 4193, RFC 3927.
bool is_internal(const net::Address& address) {
  if (address.is_loopback() || address.is_unspecified()) return true;
  if (address.is_v6()) return address.to_v6().is_link_local() || (address.to_v6().to_bytes()[0] & 0xfe) == 0xfc;
  const auto bytes = address.to_v4().to_bytes();
  return bytes[0] == 10 || (bytes[0] == 172 && (bytes[1] & 0xf0) == 16) || (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254);
}

std::string organization_of(std::string_view domain) {
  const auto name = dns::Name::parse(domain);
  if (!name) return {};
  const auto organization = dns::registrable_domain(*name);
  return organization ? organization->text() : name->text();
}

/// What the trace fields say.
struct Trace {
  bool ours = false, others = false;
  std::string field;  ///< the one that tells it
};

Trace trace_of(const message::RawMessage& message, const Context& context) {
  Trace out;
  for (const message::RawField& field : message.fields) {
    if (!text::equals_ignoring_case(field.name, "Received")) continue;
    const std::string line = message::in_one_line(field.value);
    const auto client = message::client_of(field.value);
    const auto address = client ? net::parse_address(client->address) : std::nullopt;
    const auto words = text::words(std::string_view(line).substr(0, line.find(';')));
    const auto by = std::find_if(words.begin(), words.end(), [](std::string_view word) { return text::equals_ignoring_case(word, "by"); });
    const bool by_name = !context.helo.empty() && words.end() - by > 1 && text::equals_ignoring_case(*(by + 1), context.helo);
    if (by_name || (address && is_own(*address, context))) {
      out.ours = true;
      out.field = line;
      return out;
    }
    if (address && !is_internal(*address) && !out.others) {
      out.others = true;
      out.field = line;
    }
  }
  return out;
}

/// A signature of the sender's organization that holds, as far as the message came back.
asio::awaitable<std::string> signed_by(const message::RawMessage& message, const Context& context, Probes& probes, bool& all_known) {
  const std::string sender = organization_of(std::string_view(context.sender).substr(context.sender.rfind('@') + 1));
  const std::string author = context.author ? organization_of(context.author->text()) : std::string();
  signature::Workshop workshop;
  const signature::Verification all = co_await signature::verify(message, probes.dns, probes.now, workshop);
  std::string found;
  for (const signature::Verified& one : all.signatures) {
    if (one.result == signature::Result::temperror) all_known = false;
    const bool holds = one.result == signature::Result::pass || (message.body.empty() && one.header_hash == signature::Hash::pass);
    const std::string signer = one.tags ? organization_of(one.tags->domain) : std::string();
    if (holds && !signer.empty() && (signer == sender || signer == author)) found = one.tags->domain;
  }
  co_return found;
}

asio::awaitable<bool> is_our_server(const std::string& host, const Context& context, Probes& probes, bool& all_known) {
  const auto name = dns::Name::parse(host);
  if (!name || !name->is_host_name()) co_return false;
  const std::vector<dns::Question> questions{{*name, dns::Type::a}, {*name, dns::Type::aaaa}};
  const std::vector<dns::Answer> answers = co_await dns::query_all(probes.dns, questions);
  bool found = false;
  for (const dns::Answer& answer : answers) {
    all_known = all_known && answer.is_definite();
    for (const net::Address& address : answer.all<net::Address>()) found = found || is_own(address, context);
  }
  co_return found;
}

}  // namespace

std::string_view ours_word(Ours ours) { return ours == Ours::yes ? "yes" : ours == Ours::no ? "no" : "unknown"; }

asio::awaitable<Origin> ask_origin(const message::DeliveryReport& delivery, const Context& context, Probes& probes) {
  Origin out;
  const auto message = message::parse_raw(delivery.returned);
  if (delivery.returned.empty() || !message) {
    out.why = "the message itself did not come back";
    co_return out;
  }
  const Trace trace = trace_of(*message, context);
  if (!trace.field.empty()) out.evidence.push_back({"Received", trace.field});
  if (trace.ours) {
    out.ours = Ours::yes;
    out.why = "a Received field names our server";
    co_return out;
  }
  bool all_known = true;
  const std::string signer = co_await signed_by(*message, context, probes, all_known);
  if (!signer.empty()) {
    out.ours = Ours::yes;
    out.why = fmt::format("the signature of {} holds", signer);
    co_return out;
  }
  const bool our_report = co_await is_our_server(delivery.reporting_mta, context, probes, all_known);
  if (our_report) {
    out.ours = Ours::yes;
    out.why = fmt::format("the report is of our own server, {}", delivery.reporting_mta);
  } else if (!all_known) {
    out.why = "DNS did not answer for a key or for the reporting server";
  } else if (!trace.others) {
    out.why = "no Received field tells who handed it over";
  } else {
    out.ours = Ours::no;
    out.why = "others handed it over, and nothing in it is signed for the sender's domain";
  }
  co_return out;
}

void judge_origin(const Origin& origin, const Context& context, CheckReport& out) {
  if (origin.ours != Ours::no) return;
  Finding finding{.id = "bounce.backscatter", .subject = context.sender.empty() ? "bounce" : context.sender, .args = {{"why", origin.why}}};
  finding.evidence = origin.evidence;
  out.findings.push_back(std::move(finding));
}

}  // namespace mailmedic::bounce
