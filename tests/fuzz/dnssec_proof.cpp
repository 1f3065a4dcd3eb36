// What a hostile server can put into signed messages: keys, signatures, DS records, proofs of absence. The keys are taken from
// the message itself, so that signatures by them hold.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/dns/proof.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const dns::Name zone = dns::Name::parse("good.test").value(), below = dns::Name::parse("a.b.good.test").value(), elsewhere = dns::Name::parse("other.test").value();
  static constexpr std::chrono::sys_seconds now(std::chrono::seconds(1800000000));
  const auto proof = dns::Proof::parse({reinterpret_cast<const char*>(data), size});
  if (!proof) return 0;
  const dns::Keys keys = proof->keys_of(zone);
  for (const dns::Name& name : {zone, below, elsewhere}) {
    for (const dns::Type type : {dns::Type::dnskey, dns::Type::ds, dns::Type::mx, dns::Type::txt}) {
      proof->signer(name, type);
      if (keys && proof->verify(name, type, keys, now).is_valid && !proof->signer(name, type)) std::abort();
    }
    proof->has_alias(name);
    proof->dname_of(below, name);
    const auto delegation = proof->delegation(name, keys);
    if (delegation.usable > delegation.records) std::abort();
    if (!keys) continue;
    std::string why;
    const dns::Denial denial = proof->absence(keys, now, why);
    denial.of_name(name);
    denial.cut_at(name);
    denial.of_type(name, dns::Type::mx);
    for (std::size_t labels = 0; labels < 4; ++labels) denial.of_nearer(name, labels);
  }
  return 0;
}
