#pragma once
#include <string>

#include "lib/text/parse_error.hpp"

namespace mailmedic::cli {

/// The first line of a file. The error names the file.
text::Parsed<std::string> secret_from_file(const std::string& file);
text::Parsed<std::string> secret_from_environment(const std::string& variable);
/// Asks on the terminal, without echo.
text::Parsed<std::string> secret_from_terminal(const std::string& question);

}  // namespace mailmedic::cli
