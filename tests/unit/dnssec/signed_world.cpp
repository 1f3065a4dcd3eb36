#include "signed_world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "lib/dns/wire.hpp"

namespace mailmedic::test {

using dns::Name;
using dns::Type;

Name name(const std::string& text) { return Name::parse(text).value(); }

namespace {

struct Free {
  void operator()(ldns_rdf* one) const { ldns_rdf_deep_free(one); }
  void operator()(ldns_zone* one) const { ldns_zone_deep_free(one); }
  void operator()(ldns_pkt* one) const { ldns_pkt_free(one); }
  void operator()(ldns_rr* one) const { ldns_rr_free(one); }
  void operator()(ldns_key_list* one) const { ldns_key_list_free(one); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Owned<ldns_rdf> field(const Name& of) {
  const std::string wire = of.wire();
  return Owned<ldns_rdf>(ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, wire.size(), wire.data()));
}

Name name_of(const ldns_rdf* of) { return Name::from_wire({reinterpret_cast<const char*>(ldns_rdf_data(of)), ldns_rdf_size(of)}).value(); }

ldns_rr* record(const std::string& line, const Name& origin) {
  ldns_rr* made = nullptr;
  const Owned<ldns_rdf> at = field(origin);
  if (ldns_rr_new_frm_str(&made, line.c_str(), 300, at.get(), nullptr) != LDNS_STATUS_OK) throw std::runtime_error("no record: " + line);
  return made;
}

std::string printed(const ldns_rr* of) {
  char* text = ldns_rr2str(of);
  std::string out = text;
  std::free(text);
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

ldns_rr_type covered(const ldns_rr* signature) { return ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(signature)); }

/// By the order of names, or of hashes under the zone's name.
bool covers(const ldns_rr* absence, const ldns_rdf* wanted) {
  Owned<ldns_rdf> next(ldns_rr_get_type(absence) == LDNS_RR_TYPE_NSEC ? ldns_rdf_clone(ldns_rr_rdf(absence, 0)) : nullptr);
  if (!next) {
    char* hash = ldns_rdf2str(ldns_nsec3_next_owner(absence));
    next.reset(ldns_dname_new_frm_str(hash));
    std::free(hash);
    const Owned<ldns_rdf> zone(ldns_dname_left_chop(ldns_rr_owner(absence)));
    ldns_dname_cat(next.get(), zone.get());
  }
  const bool after = ldns_dname_compare(ldns_rr_owner(absence), wanted) < 0, before = ldns_dname_compare(wanted, next.get()) < 0;
  return ldns_dname_compare(ldns_rr_owner(absence), next.get()) < 0 ? after && before : after || before;
}

/// Adds signatures and records of absence to the zone.
void sign(ldns_zone* zone, ldns_key_list* keys, const ZoneSpec& spec) {
  const std::unique_ptr<ldns_dnssec_zone, decltype(&ldns_dnssec_zone_free)> work(ldns_dnssec_zone_new(), &ldns_dnssec_zone_free);
  ldns_dnssec_zone_add_rr(work.get(), ldns_zone_soa(zone));
  for (std::size_t i = 0; i < ldns_zone_rr_count(zone); ++i) ldns_dnssec_zone_add_rr(work.get(), ldns_rr_list_rr(ldns_zone_rrs(zone), i));
  ldns_rr_list* made = ldns_rr_list_new();
  std::uint8_t salt[] = {0xab, 0xcd};
  if (spec.nsec3) ldns_dnssec_zone_add_empty_nonterminals(work.get());
  const ldns_status status =
      spec.nsec3 ? ldns_dnssec_zone_sign_nsec3(work.get(), made, keys, ldns_dnssec_default_replace_signatures, nullptr, 1, spec.nsec3_flags, spec.nsec3_iterations, sizeof salt, salt)
                 : ldns_dnssec_zone_sign(work.get(), made, keys, ldns_dnssec_default_replace_signatures, nullptr);
  if (status != LDNS_STATUS_OK) throw std::runtime_error("cannot sign " + spec.name);
  ldns_zone_push_rr_list(zone, made);
  ldns_rr_list_free(made);
}

}  // namespace

void clear(ldns_rr_list* section) {
  while (ldns_rr* last = ldns_rr_list_pop_rr(section)) ldns_rr_free(last);
}

struct SignedWorld::Zone {
  Name name;
  Owned<ldns_zone> zone;
  std::vector<ldns_rr*> records;  ///< all of them

  void gather() {
    records.push_back(ldns_zone_soa(zone.get()));
    for (std::size_t i = 0; i < ldns_zone_rr_count(zone.get()); ++i) records.push_back(ldns_rr_list_rr(ldns_zone_rrs(zone.get()), i));
  }
  bool exists(const Name& wanted) const {
    return std::any_of(records.begin(), records.end(), [&](const ldns_rr* one) -> bool {
      const auto type = ldns_rr_get_type(one);
      if (type == LDNS_RR_TYPE_NSEC3 || (type == LDNS_RR_TYPE_RRSIG && covered(one) == LDNS_RR_TYPE_NSEC3)) return false;
      return name_of(ldns_rr_owner(one)).is_within(wanted);
    });
  }
  /// The set at `owner` with its signatures, as records of `as`.
  bool add(const Name& owner, ldns_rr_type type, const Name& as, ldns_pkt* reply, ldns_pkt_section section) const {
    bool any = false;
    for (const ldns_rr* one : records) {
      if (name_of(ldns_rr_owner(one)) != owner) continue;
      const bool is_signature = ldns_rr_get_type(one) == LDNS_RR_TYPE_RRSIG && covered(one) == type;
      if (ldns_rr_get_type(one) != type && !is_signature) continue;
      any = any || !is_signature;
      Owned<ldns_rr> copy(ldns_rr_clone(one));
      if (as != owner) {
        ldns_rdf_deep_free(ldns_rr_owner(copy.get()));
        ldns_rr_set_owner(copy.get(), field(as).release());
      }
      if (ldns_pkt_safe_push_rr(reply, section, copy.get())) copy.release();
    }
    return any;
  }
  Name encloser_of(Name wanted) const {
    while (!exists(wanted)) wanted = wanted.parent();
    return wanted;
  }
  /// NSEC and NSEC3 records at or over the names.
  void deny(const std::vector<Name>& names, ldns_pkt* reply) const {
    std::set<std::pair<Name, ldns_rr_type>> chosen;
    for (ldns_rr* one : records) {
      const auto type = ldns_rr_get_type(one);
      if (type != LDNS_RR_TYPE_NSEC && type != LDNS_RR_TYPE_NSEC3) continue;
      for (const Name& wanted : names) {
        Owned<ldns_rdf> at = field(wanted);
        if (type == LDNS_RR_TYPE_NSEC3) {
          at.reset(ldns_nsec3_hash_name_frm_nsec3(one, at.get()));
          ldns_dname_cat(at.get(), field(name).get());
        }
        if (ldns_dname_compare(at.get(), ldns_rr_owner(one)) == 0 || covers(one, at.get())) chosen.emplace(name_of(ldns_rr_owner(one)), type);
      }
    }
    for (const auto& [owner, type] : chosen) add(owner, type, owner, reply, LDNS_SECTION_AUTHORITY);
  }
};

SignedWorld::~SignedWorld() = default;

SignedWorld::SignedWorld(std::vector<ZoneSpec> specs) {
  std::stable_sort(specs.begin(), specs.end(), [](const ZoneSpec& a, const ZoneSpec& b) { return name(a.name).labels().size() > name(b.name).labels().size(); });
  std::map<Name, std::vector<std::string>> delegations;
  for (const ZoneSpec& spec : specs) {
    auto zone = std::make_unique<Zone>();
    zone->name = name(spec.name);
    const std::string full = spec.name == "." ? "." : spec.name + ".";
    std::vector<std::string> lines{full + " SOA ns. hostmaster. 1 3600 900 1209600 60", full + " NS ns.invalid."};
    lines.insert(lines.end(), spec.records.begin(), spec.records.end());
    lines.insert(lines.end(), delegations[zone->name].begin(), delegations[zone->name].end());
    Owned<ldns_zone> plain(ldns_zone_new());
    for (const std::string& line : lines) {
      ldns_rr* made = record(line, zone->name);
      if (ldns_rr_get_type(made) == LDNS_RR_TYPE_SOA) ldns_zone_set_soa(plain.get(), made);
      else ldns_zone_push_rr(plain.get(), made);
    }
    std::vector<std::string> above{full + " NS ns.invalid."};
    if (spec.is_signed) {
      ldns_key* key = ldns_key_new_frm_algorithm(spec.algorithm, spec.algorithm == LDNS_SIGN_RSASHA1 || spec.algorithm == LDNS_SIGN_RSASHA256 ? 1024 : 256);
      if (!key) throw std::runtime_error("no such algorithm");
      ldns_key_set_pubkey_owner(key, field(zone->name).release());
      ldns_key_set_flags(key, LDNS_KEY_ZONE_KEY | LDNS_KEY_SEP_KEY);
      ldns_key_set_inception(key, static_cast<std::uint32_t>(spec.begins.time_since_epoch().count()));
      ldns_key_set_expiration(key, static_cast<std::uint32_t>(spec.ends.time_since_epoch().count()));
      ldns_rr* dnskey = ldns_key2rr(key);
      ldns_rr_set_ttl(dnskey, 300);
      ldns_key_set_keytag(key, ldns_calc_keytag(dnskey));
      const Owned<ldns_key_list> keys(ldns_key_list_new());
      ldns_key_list_push_key(keys.get(), key);
      const Owned<ldns_rr> ds(ldns_key_rr2ds(dnskey, spec.ds == ZoneSpec::Ds::sha1 ? LDNS_SHA1 : LDNS_SHA256));
      ldns_zone_push_rr(plain.get(), dnskey);
      std::string text = printed(ds.get());
      if (spec.ds == ZoneSpec::Ds::wrong_digest) text.replace(text.find_last_of(' ') + 1, std::string::npos, std::string(64, 'a'));
      if (spec.ds == ZoneSpec::Ds::unknown_digest) text.replace(text.find(" 2 "), 3, " 9 ");
      if (zone->name.is_root()) anchor_ = text;
      else if (spec.ds != ZoneSpec::Ds::none) above.push_back(text);
      sign(plain.get(), keys.get(), spec);
    }
    zone->zone = std::move(plain);
    zone->gather();
    if (!zone->name.is_root()) {
      Name parent = zone->name.parent();
      const auto is_zone = [&](const Name& wanted) { return std::any_of(specs.begin(), specs.end(), [&](const ZoneSpec& one) { return name(one.name) == wanted; }); };
      while (!is_zone(parent)) parent = parent.parent();
      auto& into = delegations[parent];
      into.insert(into.end(), above.begin(), above.end());
    }
    zones_.push_back(std::move(zone));
  }
}

std::vector<ldns_rr*> SignedWorld::absences(const std::string& zone) const {
  std::vector<ldns_rr*> out;
  for (const auto& one : zones_) {
    if (one->name != name(zone)) continue;
    for (ldns_rr* candidate : one->records) {
      const auto type = ldns_rr_get_type(candidate) == LDNS_RR_TYPE_RRSIG ? covered(candidate) : ldns_rr_get_type(candidate);
      if (type == LDNS_RR_TYPE_NSEC || type == LDNS_RR_TYPE_NSEC3) out.push_back(candidate);
    }
  }
  return out;
}

const SignedWorld::Zone& SignedWorld::zone_of(const Name& wanted, bool is_ds) const {
  for (const auto& zone : zones_)  // deepest first
    if (wanted.is_within(zone->name) && !(is_ds && zone->name == wanted && !wanted.is_root())) return *zone;
  throw std::runtime_error("no root zone");
}

/// False: NXDOMAIN.
bool SignedWorld::add_answer(const Name& wanted, Type type, ldns_pkt* reply, int depth) const {
  const Zone& zone = zone_of(wanted, type == Type::ds);
  const auto wanted_type = static_cast<ldns_rr_type>(type);
  const Name encloser = zone.encloser_of(wanted), wildcard = encloser.prefixed("*").value();
  const bool exists = encloser == wanted, is_wild = !exists && zone.exists(wildcard);
  const Name nearer = wanted.last_labels(encloser.labels().size() + 1);
  const Name source = is_wild ? wildcard : wanted;
  for (Name above = wanted.parent(); depth < 8 && above.is_within(zone.name) && !above.is_root(); above = above.parent()) {
    if (!zone.add(above, LDNS_RR_TYPE_DNAME, above, reply, LDNS_SECTION_ANSWER)) continue;
    const ldns_rr* dname = ldns_rr_list_rr(ldns_pkt_answer(reply), 0);
    const Name target = name_of(ldns_rr_rdf(dname, 0)).prefixed(wanted.text().substr(0, wanted.text().size() - above.text().size() - 1)).value();
    ldns_pkt_push_rr(reply, LDNS_SECTION_ANSWER, record(wanted.text() + ". CNAME " + target.text() + ".", zone.name));
    return add_answer(target, type, reply, depth + 1);
  }
  if (exists || is_wild) {
    if (is_wild) zone.deny({wanted, nearer}, reply);
    if (zone.add(source, wanted_type, wanted, reply, LDNS_SECTION_ANSWER)) return true;
    if (depth < 8 && zone.add(source, LDNS_RR_TYPE_CNAME, wanted, reply, LDNS_SECTION_ANSWER)) {
      const ldns_rr_list* section = ldns_pkt_answer(reply);
      for (std::size_t i = ldns_rr_list_rr_count(section); i-- > 0;)
        if (ldns_rr_get_type(ldns_rr_list_rr(section, i)) == LDNS_RR_TYPE_CNAME) return add_answer(name_of(ldns_rr_rdf(ldns_rr_list_rr(section, i), 0)), type, reply, depth + 1);
    }
  }
  zone.add(zone.name, LDNS_RR_TYPE_SOA, zone.name, reply, LDNS_SECTION_AUTHORITY);
  if (exists) zone.deny(std::vector<Name>{wanted}, reply);
  else zone.deny({wanted, encloser, nearer, wildcard}, reply);
  return exists || is_wild;
}

dns::Answer SignedWorld::answer(const Name& wanted, Type type) const {
  if (const auto fails = failing.find({wanted, type}); fails != failing.end()) {
    dns::Answer failed;
    failed.status = fails->second;
    return failed;
  }
  const Owned<ldns_pkt> reply(ldns_pkt_query_new(field(wanted).release(), static_cast<ldns_rr_type>(type), LDNS_RR_CLASS_IN, LDNS_RD));
  ldns_pkt_set_qr(reply.get(), true);
  ldns_pkt_set_aa(reply.get(), true);
  ldns_pkt_set_id(reply.get(), 7);
  if (!add_answer(wanted, type, reply.get(), 0)) ldns_pkt_set_rcode(reply.get(), LDNS_RCODE_NXDOMAIN);
  if (tamper) tamper(wanted, type, reply.get());
  ldns_pkt_set_section_count(reply.get(), LDNS_SECTION_ANSWER, static_cast<std::uint16_t>(ldns_rr_list_rr_count(ldns_pkt_answer(reply.get()))));
  ldns_pkt_set_section_count(reply.get(), LDNS_SECTION_AUTHORITY, static_cast<std::uint16_t>(ldns_rr_list_rr_count(ldns_pkt_authority(reply.get()))));
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (ldns_pkt2wire(&bytes, reply.get(), &size) != LDNS_STATUS_OK) throw std::runtime_error("no message");
  std::string message(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  dns::Decoded decoded = dns::decode_answer(message, {wanted, type}, 7);
  decoded.answer.message = std::move(message);
  return decoded.answer;
}

boost::asio::awaitable<dns::Answer> SignedWorld::query(Name wanted, Type type) { co_return answer(wanted, type); }

}  // namespace mailmedic::test
