#pragma once
#include <string>

#include "reports/report.hpp"

namespace mailmedic::reports {

struct TextStyle {
  bool color = false;       ///< SGR sequences: for a terminal only
  int width = 100;          ///< columns to wrap at
  bool quiet = false;       ///< the headline alone
  bool verbose = false;     ///< also informational findings' reasons, and references
  Language language = Language::en;
};

/// The report for people: headline, findings with evidence and remedy, then how each check ended. Everything that
/// came from the network is shown harmlessly (text::shown).
std::string to_text(const Report& report, const Judgement& judgement, Catalogue& catalogue, const TextStyle& style);

/// `text` in lines of at most `width` columns, each behind `indent` spaces; words longer than a line are kept whole.
/// Chinese may break between any two characters.
std::string wrapped(std::string_view text, int width, int indent);

}  // namespace mailmedic::reports
