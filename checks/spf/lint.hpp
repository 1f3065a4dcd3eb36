#pragma once
// What a record shows beyond syntax and limits: its size, what it names twice, its explanation.
#include "checks/check.hpp"
#include "checks/spf/survey.hpp"

namespace mailmedic::spf {

/// Bytes of the answer with all TXT records of the name, as servers send it. RFC 7208 section 3.4.
std::size_t answer_size(const dns::Answer& answer);

/// SPF-008, SPF-049, SPF-052. Pure.
void lint(const Survey& survey, CheckReport& report);

}  // namespace mailmedic::spf
