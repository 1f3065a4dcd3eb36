#pragma once
#include "checks/check.hpp"
#include "lib/dns/resolver.hpp"

namespace mailmedic::test {

/// Probes for a check that asks DNS only: the other doors lead nowhere and must not be used.
class DnsProbes {
 public:
  explicit DnsProbes(dns::Resolver& dns, TimePoint now = {})
      : probes_{dns, *reinterpret_cast<smtp::Prober*>(nowhere_), *reinterpret_cast<const tls::TrustStore*>(nowhere_), now} {}
  operator Probes&() { return probes_; }

 private:
  alignas(std::max_align_t) std::byte nowhere_[64] = {};
  Probes probes_;
};

}  // namespace mailmedic::test
