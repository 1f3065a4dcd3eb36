#pragma once
// Explains many bounces: on all cores, or, where something is looked up, several at a time.
#include "tools/bounce/explainer.hpp"
#include "tools/cli/message_source.hpp"
#include "tools/cli/network.hpp"

namespace mailmedic::cli {

/// Explains what `source` has and writes the reports in its order, as they are done; what cannot be read is told on
/// standard error, and how many there were of each kind. `network`: null, and nothing is looked up. After Ctrl-C what was
/// done is written. Gives the exit status.
int explain_all(const BounceOrder& order, MessageSource& source, Network* network, const Common& common);

/// The same of one report.
int explain_one(const BounceOrder& order, message::DeliveryReport delivery, Network* network, const Common& common);

}  // namespace mailmedic::cli
