#include "lib/dns/denial.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace mailmedic::dns {

namespace {

constexpr std::uint8_t opt_out_flag = 1, sha1_hash = 1;

/// The type bitmap: windows of 256 types, each with its number, the size of its bits, the bits. RFC 4034 section 4.1.2.
bool has_type(const ldns_rr* record, ldns_rr_type type) {
  const ldns_rdf* field = ldns_rr_rdf(record, ldns_rr_get_type(record) == LDNS_RR_TYPE_NSEC3 ? 5 : 1);
  if (!field) return false;
  std::string_view rest(reinterpret_cast<const char*>(ldns_rdf_data(field)), ldns_rdf_size(field));
  while (rest.size() > 2) {
    const unsigned window = static_cast<unsigned char>(rest[0]), size = static_cast<unsigned char>(rest[1]), byte = (type & 255u) / 8;
    if (rest.size() < 2 + size) return false;
    if (window == static_cast<unsigned>(type) / 256) return byte < size && (static_cast<unsigned char>(rest[2 + byte]) & (0x80u >> (type & 7u))) != 0;
    rest.remove_prefix(2 + size);
  }
  return false;
}

/// At a delegation, in the words of the zone above.
bool is_delegation(const ldns_rr* record) { return has_type(record, LDNS_RR_TYPE_NS) && !has_type(record, LDNS_RR_TYPE_SOA); }

/// Such a record says nothing of the names below its own. RFC 6840 section 4.1.
bool ends_at_owner(const ldns_rr* record) { return is_delegation(record) || has_type(record, LDNS_RR_TYPE_DNAME); }

bool is_opt_out(const ldns_rr* record) { return ldns_rr_get_type(record) == LDNS_RR_TYPE_NSEC3 && ldns_nsec3_optout(record); }

Name owner_of(const ldns_rr* record) { return name_from_ldns(ldns_rr_owner(record)).value_or(Name()); }
Name next_of(const ldns_rr* nsec) { return name_from_ldns(ldns_rr_rdf(nsec, 0)).value_or(Name()); }

std::string owner_hash(const ldns_rr* nsec3) {
  const Name owner = owner_of(nsec3);
  return owner.is_root() ? std::string() : std::string(owner.labels().front());
}

std::string next_hash(const ldns_rr* nsec3) {
  const std::unique_ptr<char, decltype(&std::free)> text(ldns_rdf2str(ldns_nsec3_next_owner(nsec3)), &std::free);
  std::string out = text ? text.get() : "";
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// Does `wanted` lie between the ends, where the last span of a zone leads back to its start?
bool lies_between(int start_to_end, int start_to_wanted, int wanted_to_end) {
  if (start_to_end < 0) return start_to_wanted < 0 && wanted_to_end < 0;
  if (start_to_end > 0) return start_to_wanted < 0 || wanted_to_end < 0;
  return start_to_wanted != 0;
}

bool spans(const ldns_rr* nsec, const Name& name) {
  const LdnsField wanted = to_ldns(name);
  const ldns_rdf *start = ldns_rr_owner(nsec), *end = ldns_rr_rdf(nsec, 0);
  return end && lies_between(ldns_dname_compare(start, end), ldns_dname_compare(start, wanted.get()), ldns_dname_compare(wanted.get(), end));
}

bool have_same_parameters(const ldns_rr* one, const ldns_rr* other) {
  return ldns_nsec3_iterations(one) == ldns_nsec3_iterations(other) && ldns_rdf_compare(ldns_nsec3_salt(one), ldns_nsec3_salt(other)) == 0;
}

std::size_t common_labels(const Name& one, const Name& other) {
  const std::size_t most = std::min(one.labels().size(), other.labels().size());
  std::size_t count = 0;
  while (count < most && one.last_labels(count + 1) == other.last_labels(count + 1)) ++count;
  return count;
}

}  // namespace

Denial::Denial(Name zone, const std::vector<ldns_rr*>& records) : zone_(std::move(zone)) {
  for (ldns_rr* record : records) {
    if (ldns_rr_get_type(record) == LDNS_RR_TYPE_NSEC) {
      if (ldns_rr_rd_count(record) >= 2) nsec_.push_back(record);
      continue;
    }
    // The record of a name without records has no bitmap.
    if (ldns_rr_rd_count(record) < 5 || ldns_nsec3_algorithm(record) != sha1_hash || (ldns_nsec3_flags(record) & ~opt_out_flag) != 0) continue;
    if (owner_of(record).parent() != zone_) continue;
    is_costly_ = is_costly_ || ldns_nsec3_iterations(record) > max_nsec3_iterations;
    if (nsec3_.empty() || have_same_parameters(nsec3_.front(), record)) nsec3_.push_back(record);
  }
}

std::string Denial::hash_of(const Name& name) const {
  const LdnsField plain = to_ldns(name);
  const LdnsField hashed(ldns_nsec3_hash_name_frm_nsec3(nsec3_.front(), plain.get()));
  const auto label = hashed ? name_from_ldns(hashed.get()) : std::nullopt;
  return label && !label->is_root() ? std::string(label->labels().front()) : std::string();
}

/// The record of the name itself.
ldns_rr* Denial::at(const Name& name) const {
  for (ldns_rr* record : nsec_)
    if (owner_of(record) == name) return record;
  if (nsec3_.empty()) return nullptr;
  const std::string hash = hash_of(name);
  for (ldns_rr* record : nsec3_)
    if (owner_hash(record) == hash) return record;
  return nullptr;
}

/// The record that skips the name, or for NSEC3 its hash.
ldns_rr* Denial::span_over(const Name& name) const {
  for (ldns_rr* record : nsec_)
    if (spans(record, name) && !(name.is_within(owner_of(record)) && ends_at_owner(record))) return record;
  if (nsec3_.empty()) return nullptr;
  const std::string hash = hash_of(name);
  if (hash.empty()) return nullptr;
  for (ldns_rr* record : nsec3_) {
    const std::string start = owner_hash(record), end = next_hash(record);
    if (end.size() == hash.size() && lies_between(start.compare(end), start.compare(hash), hash.compare(end))) return record;
  }
  return nullptr;
}

/// A name without records that has names below it: the NSEC record that skips it leads to one of those.
bool Denial::is_empty_between(const Name& name) const {
  return std::any_of(nsec_.begin(), nsec_.end(), [&](const ldns_rr* record) { return spans(record, name) && next_of(record).is_within(name); });
}

/// Where the zone ends on the way to a name that is proved not to exist. RFC 5155 section 8.3 for NSEC3.
std::optional<Denial::Encloser> Denial::encloser_of(const Name& name) const {
  if (!name.is_within(zone_) || name == zone_) return std::nullopt;
  if (!nsec_.empty()) {
    const ldns_rr* record = span_over(name);
    if (!record || ldns_rr_get_type(record) != LDNS_RR_TYPE_NSEC || is_empty_between(name)) return std::nullopt;
    const std::size_t shared = std::max(common_labels(name, owner_of(record)), common_labels(name, next_of(record)));
    return Encloser{name.last_labels(shared), false};
  }
  if (nsec3_.empty()) return std::nullopt;
  Name nearer = name;
  for (Name above = name.parent(); above.is_within(zone_); above = above.parent()) {
    if (const ldns_rr* record = at(above)) {
      const ldns_rr* span = ends_at_owner(record) ? nullptr : span_over(nearer);
      if (!span) return std::nullopt;
      return Encloser{above, is_opt_out(span)};
    }
    if (above.is_root()) break;
    nearer = above;
  }
  return std::nullopt;
}

Cut Denial::cut_at(const Name& name) const {
  if (is_costly_) return Cut::insecure;
  if (const ldns_rr* record = at(name)) {
    // The record of the zone's own top says nothing of DS: that stands above. RFC 6840 section 4.4.
    if (has_type(record, LDNS_RR_TYPE_DS) || has_type(record, LDNS_RR_TYPE_SOA)) return Cut::unproved;
    return has_type(record, LDNS_RR_TYPE_NS) ? Cut::insecure : Cut::none;
  }
  if (is_empty_between(name)) return Cut::none;
  const auto encloser = encloser_of(name);
  if (!encloser) return Cut::unproved;
  return encloser->is_opt_out ? Cut::insecure : Cut::no_name;
}

Absence Denial::of_type(const Name& name, Type type) const {
  if (is_costly_) return Absence::insecure;
  const auto lacks = [&](const ldns_rr* record) -> bool {
    if (has_type(record, static_cast<ldns_rr_type>(type)) || has_type(record, LDNS_RR_TYPE_CNAME)) return false;
    return type == Type::ds ? !has_type(record, LDNS_RR_TYPE_SOA) || name.is_root() : !is_delegation(record);
  };
  if (const ldns_rr* record = at(name)) return lacks(record) ? Absence::proved : Absence::unproved;
  if (is_empty_between(name)) return Absence::proved;
  const auto encloser = encloser_of(name);
  if (!encloser) return Absence::unproved;
  if (encloser->is_opt_out) return Absence::insecure;
  const auto wildcard = encloser->name.prefixed("*");
  const ldns_rr* record = wildcard ? at(*wildcard) : nullptr;
  return record && lacks(record) ? Absence::proved : Absence::unproved;
}

Absence Denial::of_name(const Name& name) const {
  if (is_costly_) return Absence::insecure;
  const auto encloser = encloser_of(name);
  if (!encloser) return Absence::unproved;
  if (encloser->is_opt_out) return Absence::insecure;
  const auto wildcard = encloser->name.prefixed("*");
  return wildcard && span_over(*wildcard) ? Absence::proved : Absence::unproved;
}

Absence Denial::of_nearer(const Name& name, std::size_t labels) const {
  if (is_costly_) return Absence::insecure;
  const Name nearer = name.last_labels(labels + 1);
  const ldns_rr* record = span_over(nsec_.empty() ? nearer : name);
  if (!record) return Absence::unproved;
  if (is_opt_out(record)) return Absence::insecure;
  const bool is_nsec = ldns_rr_get_type(record) == LDNS_RR_TYPE_NSEC;
  // The span must skip the nearer name too, or a wildcard below it would have been the one.
  const bool nearer_exists = is_nsec && (owner_of(record).is_within(nearer) || next_of(record).is_within(nearer));
  return nearer_exists ? Absence::unproved : Absence::proved;
}

}  // namespace mailmedic::dns
