#include "lib/dns/proof.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailmedic::dns {

namespace {

/// A list that points to records of a packet, and frees only itself.
struct BorrowedFree {
  void operator()(ldns_rr_list* list) const { ldns_rr_list_free(list); }
};
using Borrowed = std::unique_ptr<ldns_rr_list, BorrowedFree>;

Borrowed borrowed() { return Borrowed(ldns_rr_list_new()); }

std::string error_text(ldns_status status) { return ldns_get_errorstr_by_id(status); }

bool is_owned_by(const ldns_rr* record, const ldns_rdf* owner) { return ldns_dname_compare(ldns_rr_owner(record), owner) == 0; }

/// Records of a section with this owner and type.
Borrowed select(const ldns_rr_list* section, const ldns_rdf* owner, ldns_rr_type type) {
  Borrowed out = borrowed();
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(section); ++i) {
    ldns_rr* record = ldns_rr_list_rr(section, i);
    if (ldns_rr_get_type(record) == type && is_owned_by(record, owner)) ldns_rr_list_push_rr(out.get(), record);
  }
  return out;
}

/// Their signatures, at most as many as we are willing to try.
Borrowed signatures(const ldns_rr_list* section, const ldns_rdf* owner, ldns_rr_type type) {
  Borrowed out = borrowed();
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(section) && ldns_rr_list_rr_count(out.get()) < max_signatures; ++i) {
    ldns_rr* record = ldns_rr_list_rr(section, i);
    if (ldns_rr_get_type(record) != LDNS_RR_TYPE_RRSIG || !is_owned_by(record, owner) || ldns_rr_rd_count(record) < 9) continue;
    if (ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(record)) == type) ldns_rr_list_push_rr(out.get(), record);
  }
  return out;
}

std::chrono::sys_seconds expiration(const ldns_rr* signature, std::chrono::sys_seconds now) {
  // Serial arithmetic: the 32 bits are those nearest to now. RFC 4034 section 3.1.5.
  const auto value = ldns_rdf2native_int32(ldns_rr_rrsig_expiration(signature));
  const auto today = static_cast<std::uint32_t>(now.time_since_epoch().count());
  return now + std::chrono::seconds(static_cast<std::int32_t>(value - today));
}

Signed verify_set(const ldns_rr_list* section, const ldns_rdf* owner, ldns_rr_type type, const Keys& keys, std::chrono::sys_seconds now) {
  Signed out;
  const Borrowed set = select(section, owner, type), made = signatures(section, owner, type);
  if (ldns_rr_list_rr_count(set.get()) == 0) return {.is_valid = false, .why = "there is no such record"};
  if (ldns_rr_list_rr_count(made.get()) == 0) return {.is_valid = false, .why = "there is no signature (RRSIG)"};
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(made.get()); ++i) {
    ldns_rr* signature = ldns_rr_list_rr(made.get(), i);
    const Borrowed good = borrowed();
    const ldns_status status = ldns_verify_rrsig_keylist_time(set.get(), signature, keys.get(), now.time_since_epoch().count(), good.get());
    if (status != LDNS_STATUS_OK) {
      const auto ends = expiration(signature, now);
      out.why = ends < now ? fmt::format("the signature by key {} expired on {}", ldns_rdf2native_int16(ldns_rr_rrsig_keytag(signature)),
                                         [&] {
                                           const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(ends));
                                           return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
                                         }())
                           : fmt::format("the signature by key {} does not hold: {}", ldns_rdf2native_int16(ldns_rr_rrsig_keytag(signature)), error_text(status));
      continue;
    }
    out.is_valid = true;
    out.why.clear();
    out.expires = expiration(signature, now);
    out.labels = ldns_rdf2native_int8(ldns_rr_rrsig_labels(signature));
    const std::size_t own = ldns_dname_label_count(owner) - (ldns_dname_is_wildcard(owner) ? 1 : 0);
    out.is_wildcard = out.labels < own;
    return out;
  }
  return out;
}

bool digest_is_known(unsigned number) { return number == LDNS_SHA1 || number == LDNS_SHA256 || number == LDNS_SHA384; }
bool algorithm_is_known(unsigned number) { return number == 5 || number == 7 || number == 8 || number == 10 || (number >= 13 && number <= 16); }

/// A zone key of DNSSEC: flag 7, protocol 3.
bool may_sign(const ldns_rr* key) {
  return ldns_rr_rd_count(key) >= 4 && (ldns_rdf2native_int16(ldns_rr_dnskey_flags(key)) & LDNS_KEY_ZONE_KEY) && ldns_rdf2native_int8(ldns_rr_dnskey_protocol(key)) == 3;
}

}  // namespace

Keys make_keys(ldns_rr_list* list) { return Keys(list, ListFree()); }

std::string weak_algorithm(unsigned number) {
  switch (number) {
    case 1: return "RSAMD5 (1)";
    case 3: return "DSA (3)";
    case 5: return "RSASHA1 (5)";
    case 6: return "DSA-NSEC3-SHA1 (6)";
    case 7: return "RSASHA1-NSEC3-SHA1 (7)";
    case 12: return "ECC-GOST (12)";
    default: return {};
  }
}

std::optional<Proof> Proof::parse(std::string_view message) {
  ldns_pkt* parsed = nullptr;
  if (ldns_wire2pkt(&parsed, reinterpret_cast<const std::uint8_t*>(message.data()), message.size()) != LDNS_STATUS_OK) return std::nullopt;
  return Proof(LdnsPacket(parsed));
}

Signed Proof::verify(const Name& owner, Type type, const Keys& keys, std::chrono::sys_seconds now) const {
  const LdnsField name = to_ldns(owner);
  return verify_set(ldns_pkt_answer(packet_.get()), name.get(), static_cast<ldns_rr_type>(type), keys, now);
}

std::optional<Name> Proof::signer(const Name& owner, Type type) const {
  const LdnsField name = to_ldns(owner);
  const Borrowed made = signatures(ldns_pkt_answer(packet_.get()), name.get(), static_cast<ldns_rr_type>(type));
  if (ldns_rr_list_rr_count(made.get()) == 0) return std::nullopt;
  return name_from_ldns(ldns_rr_rrsig_signame(ldns_rr_list_rr(made.get(), 0)));
}

bool Proof::has_alias(const Name& owner) const {
  const LdnsField name = to_ldns(owner);
  const Borrowed found = select(ldns_pkt_answer(packet_.get()), name.get(), LDNS_RR_TYPE_CNAME);
  return ldns_rr_list_rr_count(found.get()) > 0;
}

Proof::Delegation Proof::delegation(const Name& zone, const Keys& keys) const {
  Delegation out;
  const LdnsField name = to_ldns(zone);
  const Borrowed records = select(ldns_pkt_answer(packet_.get()), name.get(), LDNS_RR_TYPE_DS);
  ldns_rr_list* matching = ldns_rr_list_new();
  out.records = ldns_rr_list_rr_count(records.get());
  for (std::size_t i = 0; i < out.records && i < max_keys; ++i) {
    ldns_rr* ds = ldns_rr_list_rr(records.get(), i);
    if (ldns_rr_rd_count(ds) < 4) continue;
    const unsigned tag = ldns_rdf2native_int16(ldns_rr_rdf(ds, 0)), algorithm = ldns_rdf2native_int8(ldns_rr_rdf(ds, 1)), digest = ldns_rdf2native_int8(ldns_rr_rdf(ds, 2));
    out.texts.push_back(fmt::format("{} {} {}", tag, algorithm, digest));
    if (digest == LDNS_SHA1) out.weak.push_back("a DS record with SHA-1");
    if (const std::string weak = weak_algorithm(algorithm); !weak.empty()) out.weak.push_back(weak);
    if (!digest_is_known(digest) || !algorithm_is_known(algorithm)) continue;
    ++out.usable;
    for (std::size_t k = 0; keys && k < ldns_rr_list_rr_count(keys.get()); ++k) {
      ldns_rr* key = ldns_rr_list_rr(keys.get(), k);
      if (ldns_calc_keytag(key) != tag) continue;
      const LdnsRecord made(ldns_key_rr2ds(key, static_cast<ldns_hash>(digest)));
      if (made && ldns_rr_compare_ds(made.get(), ds)) ldns_rr_list_push_rr(matching, ldns_rr_clone(key));
    }
  }
  out.matching = make_keys(matching);
  if (ldns_rr_list_rr_count(matching) == 0) out.matching.reset();
  return out;
}

Keys Proof::keys_of(const Name& zone) const {
  const LdnsField name = to_ldns(zone);
  const Borrowed records = select(ldns_pkt_answer(packet_.get()), name.get(), LDNS_RR_TYPE_DNSKEY);
  const std::size_t count = ldns_rr_list_rr_count(records.get());
  if (count == 0 || count > max_keys) return nullptr;
  ldns_rr_list* signing = ldns_rr_list_new();
  const Keys keys = make_keys(signing);
  for (std::size_t i = 0; i < count; ++i)
    if (may_sign(ldns_rr_list_rr(records.get(), i))) ldns_rr_list_push_rr(signing, ldns_rr_clone(ldns_rr_list_rr(records.get(), i)));
  return ldns_rr_list_rr_count(signing) > 0 ? keys : nullptr;
}

std::optional<Name> Proof::dname_of(const Name& owner, const Name& target) const {
  const ldns_rr_list* section = ldns_pkt_answer(packet_.get());
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(section); ++i) {
    const ldns_rr* record = ldns_rr_list_rr(section, i);
    if (ldns_rr_get_type(record) != LDNS_RR_TYPE_DNAME || ldns_rr_rd_count(record) < 1) continue;
    const auto from = name_from_ldns(ldns_rr_owner(record)), to = name_from_ldns(ldns_rr_rdf(record, 0));
    if (!from || !to || owner == *from || !owner.is_within(*from)) continue;
    const std::string front = owner.text().substr(0, owner.text().size() - (from->is_root() ? 0 : from->text().size() + 1));
    if (const auto made = to->prefixed(front); made && *made == target) return from;
  }
  return std::nullopt;
}

Denial Proof::absence(const Keys& keys, std::chrono::sys_seconds now, std::string& why) const {
  std::vector<ldns_rr*> good;
  const ldns_rr_list* section = ldns_pkt_authority(packet_.get());
  std::size_t seen = 0;
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(section) && seen < max_signatures; ++i) {
    ldns_rr* record = ldns_rr_list_rr(section, i);
    const ldns_rr_type type = ldns_rr_get_type(record);
    if (type != LDNS_RR_TYPE_NSEC && type != LDNS_RR_TYPE_NSEC3) continue;
    ++seen;
    const Signed verdict = verify_set(section, ldns_rr_owner(record), type, keys, now);
    // A record of absence that was made from a wildcard proves nothing: its span is the wildcard's own.
    if (verdict.is_valid && !verdict.is_wildcard) good.push_back(record);
    else why = verdict.is_valid ? "a record of absence came from a wildcard" : verdict.why;
  }
  if (seen == 0) why = "there is no signed record of absence (NSEC or NSEC3)";
  else if (good.size() == seen) why = "the signed records of absence are about other names";
  const ldns_rr* key = keys && ldns_rr_list_rr_count(keys.get()) > 0 ? ldns_rr_list_rr(keys.get(), 0) : nullptr;
  return Denial(key ? name_from_ldns(ldns_rr_owner(key)).value_or(Name()) : Name(), good);
}

}  // namespace mailmedic::dns
