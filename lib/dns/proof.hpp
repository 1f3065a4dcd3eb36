#pragma once
// The signatures in one message, by ldns; inside lib/dns only. RFC 4034, 4035, 5155, 9276.
#include <ldns/ldns.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/dns/denial.hpp"
#include "lib/dns/ldns_records.hpp"
#include "lib/dns/name.hpp"

namespace mailmedic::dns {

/// Keys of one zone; shared by everything below it.
struct ListFree {
  void operator()(ldns_rr_list* list) const { ldns_rr_list_deep_free(list); }
};
using Keys = std::shared_ptr<ldns_rr_list>;
Keys make_keys(ldns_rr_list* list);

/// Bounds on work that a hostile zone can ask of us (CVE-2023-50387).
inline constexpr std::size_t max_signatures = 8;    ///< tried for one set of records
inline constexpr std::size_t max_keys = 32;         ///< of one zone

/// How a set of records stands under keys.
struct Signed {
  bool is_valid = false;
  std::string why;                          ///< in English, when it is not
  std::chrono::sys_seconds expires{};       ///< of the signature that counts
  bool is_wildcard = false;                 ///< made from a wildcard: fewer labels signed than the owner has
  std::size_t labels = 0;                   ///< of the owner as it was signed, a leading "*" not counted. RFC 4034 section 3.1.3
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
  /// The zone's keys in the answer section, without those that must not sign (RFC 4034 section 2.1.1, 2.1.2); null when there
  /// are none or too many.
  Keys keys_of(const Name& zone) const;

  /// The DNAME record that turns `owner` into `target`: its own owner; nothing without one. The CNAME record that a server
  /// makes from it has no signature. RFC 6672 section 5.3.1.
  std::optional<Name> dname_of(const Name& owner, const Name& target) const;

  /// The NSEC and NSEC3 records of the authority section whose signatures hold by these keys, with what they prove; it must
  /// not outlive this. `why` tells why there is no more.
  Denial absence(const Keys& keys, std::chrono::sys_seconds now, std::string& why) const;

 private:
  explicit Proof(LdnsPacket packet) : packet_(std::move(packet)) {}
  LdnsPacket packet_;
};

/// The number and the name of a DNSSEC algorithm that should no longer be used; empty for a good one. RFC 8624 section 3.1.
std::string weak_algorithm(unsigned number);

}  // namespace mailmedic::dns
