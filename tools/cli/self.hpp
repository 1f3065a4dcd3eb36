#pragma once
// The sending host looked at from itself: audit --self.
#include "checks/check.hpp"
#include "tools/cli/command_line.hpp"
#include "tools/cli/network.hpp"

namespace mailmedic::cli {

/// Addresses from which this machine sends, each family by itself: what a reflector says that it sees, where one is
/// given (an https URL that answers with the caller's address alone), else what the kernel's routes choose. An error when
/// there is neither, or when the URL is none.
text::Parsed<std::vector<net::Address>> own_addresses(const std::string& reflector, Network& network, const Common& common);

/// What this machine calls itself, where that is a whole host name.
std::optional<std::string> own_host_name();

}  // namespace mailmedic::cli
