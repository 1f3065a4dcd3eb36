#pragma once
// What the reports of the checks say about a requirement.
#include <span>
#include <string>
#include <vector>

#include "checks/check.hpp"

namespace mailmedic::receivers {

enum class Result { pass, fail, not_measurable };
std::string_view result_word(Result result);  ///< "pass", "fail", "not-measurable"

struct Measured {
  Result result = Result::not_measurable;
  std::string why{};                 ///< in one sentence, or what is missing to measure it
  std::vector<Evidence> evidence{};
  std::string subject{};             ///< the address or domain at fault, where it is not the domain itself
};

/// Is there a way of measuring of this name?
bool is_measure(std::string_view name);

/// Measures by what the checks of one target reported. A check that was not run, could not tell, or would have needed
/// an address that was not given, makes "not measurable": it is never a failure.
Measured measure(std::string_view name, std::span<const CheckReport> reports);

}  // namespace mailmedic::receivers
