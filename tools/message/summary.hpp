#pragma once
#include "checks/authentication/authenticate.hpp"
#include "reports/report.hpp"

namespace mailmedic::cli {

/// A line for each signature, and one for ARC.
reports::Exhibit summary_of(const signature::Verification& dkim, const arc::Chain& arc);
/// These, SPF, and DMARC by both standards.
reports::Exhibit summary_of(const authentication::Authenticated& all);

}  // namespace mailmedic::cli
