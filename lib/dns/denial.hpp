#pragma once
// What signed records of absence prove; inside lib/dns only. RFC 4035 section 5.4, RFC 5155 section 8, RFC 6840 section 4.
#include <ldns/ldns.h>

#include <optional>
#include <string>
#include <vector>

#include "lib/dns/ldns_records.hpp"
#include "lib/dns/name.hpp"
#include "lib/dns/record.hpp"

namespace mailmedic::dns {

/// With more, hashing costs too much: what the records say counts as unsigned. RFC 9276 section 3.2, CVE-2023-50868.
inline constexpr unsigned max_nsec3_iterations = 150;

/// What a signed message says of a delegation that has no DS records.
enum class Cut {
  none,       ///< no zone begins there
  insecure,   ///< a zone begins there, and is not signed
  no_name,    ///< the name does not exist
  unproved,   ///< the absence is not proved
};

/// How far an absence is proved.
enum class Absence {
  proved,
  insecure,   ///< in a span that may hold unsigned delegations (opt-out, RFC 5155 section 6), or hashed at too great a cost
  unproved,
};

/// The NSEC and NSEC3 records of one message.
class Denial {
 public:
  /// `records` have signatures that hold by keys of `zone`, and must outlive this. NSEC3 records with an unknown hash or
  /// unknown flags do not count (RFC 5155 section 8.1, 8.2), nor those with other parameters than the first.
  Denial(Name zone, const std::vector<ldns_rr*>& records);

  /// For an answer without DS: does a zone begin at `name`?
  Cut cut_at(const Name& name) const;
  /// The name may exist, but has no such records.
  Absence of_type(const Name& name, Type type) const;
  /// Nothing exists at or below the name, and no wildcard stands in for it.
  Absence of_name(const Name& name) const;
  /// Records at `name` came from a wildcard, whose parent has `labels` labels: nothing nearer may exist.
  Absence of_nearer(const Name& name, std::size_t labels) const;

 private:
  struct Encloser {
    Name name;               ///< the nearest name above that exists
    bool is_opt_out = false;
  };
  ldns_rr* at(const Name& name) const;
  ldns_rr* span_over(const Name& name) const;
  std::string hash_of(const Name& name) const;
  bool is_empty_between(const Name& name) const;
  std::optional<Encloser> encloser_of(const Name& name) const;

  Name zone_;
  std::vector<ldns_rr*> nsec_, nsec3_;
  bool is_costly_ = false;
};

}  // namespace mailmedic::dns
