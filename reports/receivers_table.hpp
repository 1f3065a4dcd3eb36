#pragma once
#include "reports/report.hpp"

namespace mailmedic::reports {

/// The requirements of receivers as a table for people: a line for each, grouped by receiver, with its verdict, its
/// reason and how old the rule is. From the report of the check "receivers".
Exhibit receivers_table(const CheckReport& receivers, Catalogue& catalogue, Language language);

}  // namespace mailmedic::reports
