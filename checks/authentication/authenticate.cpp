#include "checks/authentication/authenticate.hpp"

#include "lib/message/addresses.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::authentication {

namespace {

bool is_named(const message::RawField& field, std::string_view name) { return text::equals_ignoring_case(field.name, name); }

/// A hop inside a network says nothing about who may send.
bool is_internal(const net::Address& address) {
  if (address.is_loopback() || address.is_unspecified()) return true;
  if (address.is_v6()) return address.to_v6().is_link_local() || (address.to_v6().to_bytes()[0] & 0xfe) == 0xfc;
  const auto bytes = address.to_v4().to_bytes();
  return bytes[0] == 10 || (bytes[0] == 172 && (bytes[1] & 0xf0) == 16) || (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254);
}

std::optional<dns::Name> domain_of(std::string_view address) {
  const auto name = dns::Name::parse(address.substr(address.rfind('@') + 1));
  return name && !name->is_root() ? std::optional(*name) : std::nullopt;
}

/// The domains of each From field.
std::vector<std::vector<dns::Name>> from_domains(const message::RawMessage& message) {
  std::vector<std::vector<dns::Name>> out;
  for (const message::RawField& field : message.fields) {
    if (!is_named(field, "From")) continue;
    std::vector<dns::Name>& domains = out.emplace_back();
    for (const std::string& address : message::addresses_of(field.value))
      if (auto domain = domain_of(address)) domains.push_back(std::move(*domain));
  }
  return out;
}

std::optional<bool> passed(spf::Result result) {
  if (result == spf::Result::temp_error) return std::nullopt;
  return result == spf::Result::pass;
}

std::vector<dmarc::Identifier> identifiers_of(const Authenticated& all) {
  std::vector<dmarc::Identifier> out;
  if (all.spf) {
    if (auto domain = domain_of(all.spf->sender)) out.push_back({dmarc::Mechanism::spf, std::move(*domain), passed(all.spf->result)});
  }
  for (const signature::Verified& one : all.dkim.signatures) {
    auto domain = one.tags ? domain_of(one.tags->domain) : std::nullopt;
    if (!domain) continue;
    const std::optional<bool> result = one.result == signature::Result::temperror ? std::nullopt : std::optional(one.result == signature::Result::pass);
    out.push_back({dmarc::Mechanism::dkim, std::move(*domain), result});
  }
  return out;
}

}  // namespace

Envelope envelope_of(const message::RawMessage& message, Envelope given, bool private_world) {
  Envelope out = std::move(given);
  for (std::size_t i = 0; i < message.fields.size(); ++i) {
    const message::RawField& field = message.fields[i];
    if (is_named(field, "Return-Path") && out.from.empty()) {
      const auto addresses = message::addresses_of(field.value);
      if (!addresses.empty()) out.from = addresses.front();
    }
    if (!is_named(field, "Received") || out.ip) continue;
    const auto client = message::client_of(field.value);
    boost::system::error_code wrong;
    const auto address = client ? boost::asio::ip::make_address(client->address, wrong) : net::Address();
    if (!client || wrong || (!private_world && is_internal(address))) continue;
    out.ip = address;
    out.source = "Received, field " + std::to_string(i + 1);
    if (out.helo.empty()) out.helo = client->helo;
  }
  return out;
}

asio::awaitable<Authenticated> authenticate(const message::RawMessage& message, Envelope envelope, Probes& probes, signature::Workshop& workshop, CheckReport& report,
                                            spf::RecordCache* records) {
  Authenticated out;
  out.envelope = std::move(envelope);
  out.dkim = co_await signature::verify(message, probes.dns, probes.now, workshop);
  out.arc = co_await arc::verify(message, probes.dns, workshop);
  if (out.envelope.ip && !(out.envelope.from.empty() && out.envelope.helo.empty())) {
    spf::Query query;
    query.ip = *out.envelope.ip;
    query.sender = out.envelope.from;
    query.helo = out.envelope.helo;
    query.now = probes.now;
    out.spf = co_await spf::evaluate(query, probes.dns, records);
  }
  const auto fields = from_domains(message);
  out.author = dmarc::author_of(fields, report);
  if (!out.author) co_return out;
  out.picture = co_await dmarc::look(*out.author, probes.dns);
  const dmarc::Record* record = out.picture->found.record ? &*out.picture->found.record : nullptr;
  const dmarc::Record* record_7489 = out.picture->old_found.record ? &*out.picture->old_found.record : nullptr;
  out.identifiers = co_await dmarc::align_all(*out.author, identifiers_of(out), record, probes.dns);
  out.identifiers_7489 = co_await dmarc::align_all(*out.author, identifiers_of(out), record_7489, probes.dns);
  co_return out;
}

namespace {

std::optional<bool> is_aligned(const dmarc::AlignedIdentifier& one, dmarc::Standard standard) {
  if (standard == dmarc::Standard::rfc9989) return one.aligned();
  return one.mode == dmarc::AlignmentMode::strict ? one.alignment.strict : one.alignment.relaxed_7489;
}

}  // namespace

Dmarc dmarc_of(const Authenticated& all, dmarc::Standard standard) {
  if (!all.author) return {.result = "permerror", .policy = {}, .aligned = false};
  const bool is_new = standard == dmarc::Standard::rfc9989;
  const dmarc::Discovery& found = is_new ? all.picture->found : all.picture->old_found;
  Dmarc out{.result = "none", .policy = {}, .aligned = false};
  bool open = false;
  for (const dmarc::AlignedIdentifier& one : is_new ? all.identifiers : all.identifiers_7489) {
    const auto aligned = is_aligned(one, standard);
    if (one.identifier.passed == true && aligned == true) out.aligned = true;
    else if (one.identifier.passed != false && aligned != false) open = true;
  }
  // An SPF result that is not known may be the one that passes, where DKIM does not.
  if (!all.spf) open = true;
  if (out.aligned != true && open) out.aligned = std::nullopt;
  if (!found.known) {
    out.result = "temperror";
    return out;
  }
  if (!found.record) return out;
  const auto effective = all.picture->effective(dmarc::Subject::domain, standard);
  if (!effective) {
    out.result = out.aligned == true ? "pass" : "temperror";
    return out;
  }
  if (!effective->applies) return out;
  out.policy = dmarc::policy_text(effective->policy);
  out.result = out.aligned == true ? "pass" : out.aligned == false ? "fail" : "temperror";
  return out;
}

}  // namespace mailmedic::authentication
