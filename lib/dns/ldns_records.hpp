#pragma once
// Records between ldns and us; inside lib/dns only.
#include <ldns/ldns.h>

#include <memory>
#include <optional>

#include "lib/dns/record.hpp"

namespace mailmedic::dns {

struct LdnsFree {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
  void operator()(ldns_rr* record) const { ldns_rr_free(record); }
  void operator()(ldns_rdf* field) const { ldns_rdf_deep_free(field); }
};
using LdnsPacket = std::unique_ptr<ldns_pkt, LdnsFree>;
using LdnsRecord = std::unique_ptr<ldns_rr, LdnsFree>;
using LdnsField = std::unique_ptr<ldns_rdf, LdnsFree>;

/// Nothing when a field is missing or is not what its type says.
std::optional<Record> from_ldns(const ldns_rr* record);
std::optional<Name> name_from_ldns(const ldns_rdf* field);
/// Null when ldns does not take it.
LdnsRecord to_ldns(const Record& record);
LdnsField to_ldns(const Name& name);

}  // namespace mailmedic::dns
