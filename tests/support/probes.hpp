#pragma once
#include <gtest/gtest.h>

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

/// Names the tests of a suite that runs with each way in which DNS may fail: "timed_out".
inline std::string failure_name(const testing::TestParamInfo<dns::Status>& info) {
  std::string name(dns::status_text(info.param));
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

}  // namespace mailmedic::test
