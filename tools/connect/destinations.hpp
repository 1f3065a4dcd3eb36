#pragma once
#include <vector>

#include "tools/cli/command_line.hpp"
#include "tools/cli/destination.hpp"

namespace mailmedic::connect {

void add_destination_options(cli::CommandLine& line);  ///< --input, --at-once

/// Those of the command line, then those of --input: one a line, "#" begins a comment. At least one; the error names the
/// argument, or file and line.
text::Parsed<std::vector<cli::Destination>> read_destinations(const cli::CommandLine& line);

struct AtOnce {
  std::size_t value = 32;
};
text::Parsed<AtOnce> read_at_once(const cli::CommandLine& line);

}  // namespace mailmedic::connect
