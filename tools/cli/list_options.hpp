#pragma once
#include <memory>

#include "checks/blocklist/lists.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// --list, --lists-file, --tier and --list-keys, for every tool that asks DNS lists.
void add_list_options(CommandLine& line);

/// The lists that the options choose. Keys come from the file of --list-keys (TOML: name = "key") and from the
/// environment (MAILMEDIC_LIST_KEY_SPAMHAUS); they are never shown.
text::Parsed<std::shared_ptr<const blocklist::Lists>> chosen_lists(CommandLine& line);

}  // namespace mailmedic::cli
