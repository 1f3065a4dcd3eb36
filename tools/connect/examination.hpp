#pragma once
#include <boost/asio/awaitable.hpp>

#include "reports/report.hpp"
#include "tools/cli/destination.hpp"
#include "tools/cli/network.hpp"
#include "tools/connect/refusal_rules.hpp"
#include "tools/connect/wishes.hpp"

namespace mailmedic::connect {

/// Connects to every address of a destination at once and fills the report. Until it ends, the report says that it was
/// interrupted.
boost::asio::awaitable<void> examine(const cli::Destination& destination, const Wishes& wishes, const cli::Common& common, cli::Network& network, RefusalRules& rules, reports::Report& report);

}  // namespace mailmedic::connect
