#pragma once
// The way from watching to protection: p=none, p=quarantine in test mode, p=quarantine, p=reject.
#include <string>

#include "checks/dmarc/record.hpp"

namespace mailmedic::dmarc {

enum class Step {
  nothing,     ///< at the top already, or something has to be mended first
  test,        ///< p=quarantine; t=y
  quarantine,  ///< p=quarantine without t
  reject,      ///< p=reject without t
};

/// The next step from what a record says. Pure. `nothing` too for a record without a usable rua: nobody should
/// tighten a policy without seeing what it does (RFC 9989 section 5.1), and for one whose policy is broken.
Step next_step(const Record& record);

/// The record with another policy: p and t are replaced, pct, rf and ri (RFC 9989 appendix C.5.2) go, everything else
/// stays as it was written.
std::string with_policy(const Record& record, Policy policy, bool testing);

}  // namespace mailmedic::dmarc
