#pragma once
// The signatures in one message, by ldns; inside lib/dns only. RFC 4034, 4035, 5155, 9276.
#include <ldns/ldns.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/dns/ldns_records.hpp"
#include "lib/dns/name.hpp"

namespace mailmedic::dns {

/// Keys of one zone; shared by everything below it.
struct ListFree {
  void operator()(ldns_rr_list* list) const { ldns_rr_list_deep_free(list); }
};
using Keys = std::shared_ptr<ldns_rr_list>;
Keys make_keys(ldns_rr_list* list);

/// Bounds on work that a hostile zone can ask of us (CVE-2023-50387, CVE-2023-50868).
inline constexpr std::size_t max_signatures = 8;    ///< tried for one set of records
inline constexpr std::size_t max_keys = 32;         ///< of one zone
inline constexpr unsigned max_nsec3_iterations = 150;  ///< beyond, a zone counts as insecure. RFC 9276 section 3.2

/// How a set of records stands under keys.
struct Signed {
  bool is_valid = false;
  std::string why;                          ///< in English, when it is not
  std::chrono::sys_seconds expires{};       ///< of the signature that counts
  bool is_wildcard = false;                 ///< made from a wildcard: fewer labels signed than the owner has
};

/// What a signed message says of a delegation that has no DS records.
enum class Cut {
  none,       ///< no zone begins there
  insecure,   ///< a zone begins there, and is not signed
  no_name,    ///< the name does not exist
  unproved,   ///< the absence is not proved
};

class Proof {
 public:
  /// Nothing when the message cannot be parsed.
  static std::optional<Proof> parse(std::string_view message);

  /// Verifies the records of a name and type in the answer section at `now`.
  Signed verify(const Name& owner, Type type, const Keys& keys, std::chrono::sys_seconds now) const;
  /// Who signed them, by their first signature; nothing without any.
  std::optional<Name> signer(const Name& owner, Type type) const;
  /// Does a CNAME stand at the name?
  bool has_alias(const Name& owner) const;

  /// The DS records of `zone` that we can use (algorithm and digest), and those of them that match a key in `keys`.
  struct Delegation {
    std::size_t records = 0, usable = 0;
    std::vector<std::string> texts;   ///< "12345 13 2 ab12..."
    std::vector<std::string> weak;    ///< algorithms and digests that RFC 8624 tells to give up
    Keys matching;                    ///< keys that a usable DS names; null: none
  };
  Delegation delegation(const Name& zone, const Keys& keys) const;
  /// All DNSKEY records of the answer section; null when there are none or too many.
  Keys keys_of(const Name& zone) const;

  /// For an answer without DS: what the signed NSEC or NSEC3 records say of a zone cut at `name`.
  Cut cut_at(const Name& name, const Keys& keys, std::chrono::sys_seconds now, std::string& why) const;
  /// Is the absence of `type` at `name` (or of the name) proved?
  bool denies(const Name& name, Type type, bool whole_name, const Keys& keys, std::chrono::sys_seconds now, std::string& why) const;

 private:
  explicit Proof(LdnsPacket packet) : packet_(std::move(packet)) {}
  /// NSEC and NSEC3 records of the authority section whose signatures hold. The list owns nothing.
  std::vector<ldns_rr*> denials(const Keys& keys, std::chrono::sys_seconds now, std::string& why) const;

  LdnsPacket packet_;
};

/// The number and the name of a DNSSEC algorithm that should no longer be used; empty for a good one. RFC 8624 section 3.1.
std::string weak_algorithm(unsigned number);

}  // namespace mailmedic::dns
