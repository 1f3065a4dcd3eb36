#pragma once
#include "checks/check.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// --selector, --key and --message, for every tool that looks at DKIM keys.
void add_signing_options(CommandLine& line);

/// Puts what the options give into `pattern`, with the data files about known services and keys; an error text, or
/// empty. Of private keys only the public half is kept.
std::string read_signing_options(const CommandLine& line, Target& pattern);

}  // namespace mailmedic::cli
