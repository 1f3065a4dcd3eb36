#pragma once
#include <string>
#include <vector>

#include "reports/report.hpp"

namespace mailmedic::reports {

/// One self-contained page, without script: for a screen, a phone and paper, light and dark. `template_file` is
/// share/mailmedic/report.tpl. Values are escaped by the template engine, by the place where they stand. Several
/// reports make one page with a table of contents. The error names the template file.
text::Parsed<std::string> to_html(const std::vector<Report>& reports, Catalogue& catalogue, Language language,
                                  const std::string& template_file);

}  // namespace mailmedic::reports
