#pragma once
// Holds the finding ids in a subject's code and its findings.toml together.
#include <string>

#include "checks/check.hpp"

namespace mailmedic::test {

/// Expects every id in the code of checks/SUBJECT in its catalogue and the other way round, and for each all words in both languages.
void expect_catalogue_fits_code(const std::string& subject);

/// Expects every {name} in the words about a finding to be among its arguments.
void expect_words_are_filled(const Finding& finding);

}  // namespace mailmedic::test
