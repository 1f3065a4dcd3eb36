#pragma once
#include <string>

#include "lib/text/parse_error.hpp"

namespace mailmedic::cli {

/// The bytes of a message in a file, or of standard input ("-"). An error that names the file when it cannot be read,
/// or is larger than 256 MiB, which no mail server takes.
text::Parsed<std::string> read_message(const std::string& file);

}  // namespace mailmedic::cli
