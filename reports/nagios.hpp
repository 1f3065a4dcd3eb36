#pragma once
#include "reports/report.hpp"

namespace mailmedic::reports {

/// One line of the monitoring plugins' form: "CRITICAL - example.org: 2 problems: ... | problems=2;;1 ...".
std::string to_nagios(const Report& report, const Judgement& judgement);

}  // namespace mailmedic::reports
