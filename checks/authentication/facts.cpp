#include <boost/json/array.hpp>

#include "checks/authentication/authenticate.hpp"

namespace mailmedic::authentication {

namespace json = boost::json;

namespace {

json::object dmarc_json(const Authenticated& all, dmarc::Standard standard) {
  const Dmarc verdict = dmarc_of(all, standard);
  const bool is_new = standard == dmarc::Standard::rfc9989;
  json::object out{{"result", verdict.result}, {"policy", verdict.policy.empty() ? json::value(nullptr) : json::value(verdict.policy)}, {"domain", nullptr}, {"organizational_domain", nullptr}};
  out["aligned"] = verdict.aligned ? json::value(*verdict.aligned) : json::value(nullptr);
  if (!all.author) return out;
  const dmarc::Discovery& found = is_new ? all.picture->found : all.picture->old_found;
  out["domain"] = all.author->text();
  if (found.organizational_domain) out["organizational_domain"] = found.organizational_domain->text();
  out["record"] = found.record ? json::value(found.record->text) : json::value(nullptr);
  out["record_domain"] = found.record ? json::value(found.record_domain.text()) : json::value(nullptr);
  out["identifiers"] = dmarc::to_json(is_new ? all.identifiers : all.identifiers_7489);
  return out;
}

}  // namespace

void write_facts(const signature::Verification& dkim, const arc::Chain& arc, const message::RawMessage& message, Facts& facts) {
  json::array signatures;
  for (const signature::Verified& one : dkim.signatures) signatures.push_back(signature::to_json(one, message));
  facts["signatures"] = std::move(signatures);
  facts["arc"] = arc::to_json(arc, message);
}

void write_facts(const Authenticated& all, const message::RawMessage& message, Facts& facts) {
  write_facts(all.dkim, all.arc, message, facts);
  json::object envelope{{"ip", nullptr}, {"from", all.envelope.from}, {"helo", all.envelope.helo}, {"source", all.envelope.source}};
  if (all.envelope.ip) envelope["ip"] = all.envelope.ip->to_string();
  facts["envelope"] = std::move(envelope);
  facts["spf"] = all.spf ? json::value(spf::to_json(*all.spf)) : json::value(nullptr);
  facts["dmarc"] = dmarc_json(all, dmarc::Standard::rfc9989);
  facts["dmarc_7489"] = dmarc_json(all, dmarc::Standard::rfc7489);
}

}  // namespace mailmedic::authentication
