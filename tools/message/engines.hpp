#pragma once
#include <string>
#include <vector>

#include "checks/check.hpp"
#include "checks/spam/reduce.hpp"
#include "lib/spam/ask.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// --spamd, --rspamd and --blame.
void add_engine_options(CommandLine& line);
/// The engines that were named; the error names the option.
text::Parsed<std::vector<spam::Engine>> read_engines(const CommandLine& line);

/// Asks all at once, and judges each. `reductions`: the message without one part each, to be scored too; empty without --blame.
boost::asio::awaitable<CheckReport> ask_engines(std::vector<spam::Engine> engines, std::string message, spam::Circumstances circumstances, std::vector<spam::Reduced> reductions);

}  // namespace mailmedic::cli
