#pragma once
#include "checks/authentication/authenticate.hpp"
#include "reports/report.hpp"

namespace mailmedic::cli {

/// A line for each signature, ARC, SPF, and DMARC by both standards.
reports::Exhibit summary_of(const authentication::Authenticated& all);

}  // namespace mailmedic::cli
