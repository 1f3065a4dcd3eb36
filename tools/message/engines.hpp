#pragma once
#include <string>
#include <vector>

#include "checks/check.hpp"
#include "checks/spam/reduce.hpp"
#include "lib/spam/ask.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// --spamd, --rspamd, --engines and --blame.
void add_engine_options(CommandLine& line);
/// The engines that were named; the error names the option.
text::Parsed<std::vector<spam::Engine>> read_engines(const CommandLine& line);

/// Those that listen on this machine where they do by default: 127.0.0.1, ports 783 and 11333.
boost::asio::awaitable<std::vector<spam::Engine>> engines_of_this_machine();

/// Asks all at once, and judges each; none is an unknown. `reductions`: the message without one part each, to be scored too; empty without --blame.
boost::asio::awaitable<CheckReport> ask_engines(std::vector<spam::Engine> engines, std::string message, spam::Circumstances circumstances, std::vector<spam::Reduced> reductions);

}  // namespace mailmedic::cli
