#pragma once
// The same requirements, by one message: what `authentication` and `lint` found in it.
#include <initializer_list>

#include "checks/receivers/measure.hpp"

namespace mailmedic::receivers {

/// By the facts of `mailmedic message` (spf, signatures, dmarc), which stand in the report of the check "authentication".
Measured spf_of_message(const CheckReport& authentication);
Measured dkim_of_message(const CheckReport& authentication);
Measured dmarc_of_message(const CheckReport& authentication);
Measured alignment_of_message(const CheckReport& authentication);

/// Fails by the first of these findings of the check "lint". Not measurable where lint did not end, or could not tell one of
/// them (its unknowns, a text that was cut); passes otherwise.
Measured by_lint(const CheckReport& lint, std::initializer_list<std::string_view> ids);
/// The same, for what only advertising must have.
Measured by_lint_of_advertising(const CheckReport& lint, std::initializer_list<std::string_view> ids);

}  // namespace mailmedic::receivers
