#pragma once
#include "checks/signature/verify.hpp"

namespace mailmedic::signature {

/// What the signatures of a message say, each by itself and together. Pure. What DNS did not answer goes to the
/// report's unknowns. DKS-001 to DKS-025.
void judge(const Verification& verification, const message::RawMessage& message, TimePoint now, CheckReport& report);

}  // namespace mailmedic::signature
