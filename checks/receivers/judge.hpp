#pragma once
#include <span>

#include "checks/check.hpp"
#include "checks/receivers/rules.hpp"

namespace mailmedic::receivers {

/// Holds what the checks of one domain reported against the requirements of the receivers in `profile`. The facts have
/// a row for each requirement: pass, fail or not measurable, with its evidence, its source and its date. A failed one is
/// a finding too; what is not measurable is neither.
CheckReport judge(const Rules& rules, const Profile& profile, const dns::Name& domain, std::span<const CheckReport> reports);

}  // namespace mailmedic::receivers
