#include "lib/tls/scan_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "lib/tls/certificate.hpp"

namespace mailmedic::tls {

namespace json = boost::json;

json::object facts_of(const VersionFacts& facts) {
  json::object out{{"version", version_text(facts.version)}, {"spoken", support_text(facts.support)}, {"connections", facts.connections}};
  if (!facts.how.empty()) out["how"] = facts.how;
  if (!facts.is_spoken()) return out;
  json::array suites, groups;
  int dh_bits = 0;
  for (const SuiteSeen& seen : facts.suites) {
    suites.push_back(json::value(suite_text(seen.suite)));
    if (seen.dh_bits > 0) dh_bits = dh_bits == 0 ? seen.dh_bits : std::min(dh_bits, seen.dh_bits);
  }
  for (const std::uint32_t suite : facts.ssl2_suites) suites.push_back(json::value(ssl2_suite_text(suite)));
  for (const std::uint16_t group : facts.groups) groups.push_back(json::value(group_text(group)));
  out["suites"] = std::move(suites);
  out["suites_are_all"] = facts.suites_are_all;
  out["server_orders"] = facts.server_orders ? json::value(*facts.server_orders) : json::value(nullptr);
  out["groups"] = std::move(groups);
  out["groups_are_all"] = facts.groups_are_all;
  if (dh_bits > 0) out["dh_bits"] = dh_bits;
  json::array certificates;
  for (const auto& chain : facts.chains)
    if (const auto own = parse_certificate(chain.front())) certificates.push_back(json::object{{"sha256", own->sha256}, {"key", fmt::format("{} {}", own->key_type, own->key_bits)}, {"chain_length", chain.size()}});
  if (!certificates.empty()) out["certificates"] = std::move(certificates);
  if (facts.secure_renegotiation) out["secure_renegotiation"] = *facts.secure_renegotiation;
  if (facts.extended_master_secret) out["extended_master_secret"] = *facts.extended_master_secret;
  if (facts.version != Version::tls1_3) out["compression"] = facts.compresses;
  return out;
}

}  // namespace mailmedic::tls
