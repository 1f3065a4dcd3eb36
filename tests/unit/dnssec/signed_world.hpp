#pragma once
// Zones that are signed while the test runs, and a resolver that answers from them as name servers do with DO set.
#include <ldns/ldns.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/dns/resolver.hpp"

namespace mailmedic::test {

/// The time at which tests verify; zones are signed from a month before to a month after.
inline constexpr std::chrono::sys_seconds today(std::chrono::seconds(1800000000));

struct ZoneSpec {
  std::string name;                 ///< "test", or "." for the root
  std::vector<std::string> records; ///< below the zone's name: "www A 192.0.2.1"; SOA and NS are added
  bool is_signed = true;
  enum class Ds { right, wrong_digest, unknown_digest, sha1, none } ds = Ds::right;  ///< in the zone above
  ldns_signing_algorithm algorithm = LDNS_SIGN_ECDSAP256SHA256;
  bool nsec3 = false;
  std::uint8_t nsec3_flags = 0;
  std::uint16_t nsec3_iterations = 0;
  std::chrono::sys_seconds begins = today - std::chrono::days(30), ends = today + std::chrono::days(30);
};

class SignedWorld : public dns::Resolver {
 public:
  explicit SignedWorld(std::vector<ZoneSpec> specs);
  ~SignedWorld() override;

  boost::asio::awaitable<dns::Answer> query(dns::Name name, dns::Type type) override;
  dns::Answer answer(const dns::Name& name, dns::Type type) const;

  /// DS of the root's key.
  const std::string& anchor() const { return anchor_; }
  /// Changes a reply on its way.
  std::function<void(const dns::Name&, dns::Type, ldns_pkt*)> tamper{};
  /// Questions that end so instead.
  std::map<std::pair<dns::Name, dns::Type>, dns::Status> failing{};
  /// The NSEC or NSEC3 records of a zone with their signatures: to be put where they do not belong.
  std::vector<ldns_rr*> absences(const std::string& zone) const;

 private:
  struct Zone;
  const Zone& zone_of(const dns::Name& name, bool is_ds) const;
  bool add_answer(const dns::Name& name, dns::Type type, ldns_pkt* reply, int depth) const;

  std::vector<std::unique_ptr<Zone>> zones_;
  std::string anchor_;
};

/// Takes all records out of a section of a reply.
void clear(ldns_rr_list* section);

/// "www.test" as a name.
dns::Name name(const std::string& text);

}  // namespace mailmedic::test
