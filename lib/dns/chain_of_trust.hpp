#pragma once
// DNSSEC from the root to a name, link by link. RFC 4033 to 4035, 5155, 9276.
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/dns/resolver.hpp"

namespace mailmedic::dns {

enum class Security {
  secure,    ///< signed, from a trusted root key down
  insecure,  ///< provably not signed: the usual case
  bogus,     ///< signed, and the signatures do not hold: validating resolvers answer SERVFAIL
  unknown,   ///< could not be found out
};
std::string_view security_text(Security security);

/// One zone of the chain.
struct Link {
  Name zone;
  Security security = Security::unknown;
  std::string why;                                     ///< for anything but secure, in English: what is broken, or where it ends
  std::vector<std::string> ds;                         ///< "12345 13 2" of each DS record in the parent zone
  std::vector<std::string> weak;                       ///< algorithms and digests that RFC 8624 tells to give up
  std::optional<std::chrono::sys_seconds> keys_expire; ///< the signature of the zone's keys
};

/// The zones down to the one that a name stands in. The last link decides.
struct Chain {
  std::vector<Link> links;
  Security security() const { return links.empty() ? Security::unknown : links.back().security; }
  const std::string& why() const;
};

/// What DNSSEC says of one answer.
struct Verdict {
  Security security = Security::unknown;
  std::string why;
  std::optional<std::chrono::sys_seconds> expires;  ///< the signature of the records, where they are secure
};

/// Verifies answers of a resolver that keeps messages (StubOptions::with_proof). Zones are verified once and kept; for
/// one thread.
class ChainOfTrust {
 public:
  /// `upstream` keeps its answers: all that a chain may need is asked at once, and then again link by link. `anchors` is zone
  /// text with DS or DNSKEY records of the root.
  static text::Parsed<std::unique_ptr<ChainOfTrust>> make(Resolver& upstream, const std::string& anchors, std::chrono::sys_seconds now);
  ~ChainOfTrust();

  /// The chain to the zone that `name` stands in.
  asio::awaitable<Chain> to(Name name);
  /// Verifies an answer that came from `upstream`.
  asio::awaitable<Verdict> judge(Name name, Type type, const Answer& answer);

 private:
  struct Parts;
  explicit ChainOfTrust(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace mailmedic::dns
