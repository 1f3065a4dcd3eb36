#pragma once
// What mailmedic message reports of one message.
#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>
#include <string_view>
#include <vector>

#include "checks/authentication/authenticate.hpp"
#include "checks/spf/record_cache.hpp"
#include "lib/spam/ask.hpp"
#include "reports/report.hpp"
#include "tools/cli/profile.hpp"

namespace mailmedic::cli {

/// What can be looked at. "signature" is DKIM and ARC alone, which "authentication" has too.
inline constexpr std::array<std::string_view, 4> message_checks{"signature", "authentication", "verdict", "lint"};

/// What is the same for all messages of a run.
struct MessageOrder {
  authentication::Envelope given{};   ///< what the user said of the client
  std::vector<spam::Engine> engines{};
  bool engines_here = false;          ///< besides those, whichever listens on this machine
  bool blame = false;                 ///< let them score the message without each of its parts
  WantedReceivers receivers{};
  bool private_world = false;
  std::vector<std::string_view> checks{message_checks.begin(), message_checks.end()};  ///< of these; at least one

  bool wants(std::string_view check) const { return std::find(checks.begin(), checks.end(), check) != checks.end(); }
};

/// What many messages need again and again. For one thread.
struct MessageBench {
  signature::Workshop workshop{};
  spf::RecordCache records{};
};

/// Looks at `text`, which is `message`, and fills the report. Arguments must outlive the coroutine.
boost::asio::awaitable<void> look(std::string_view text, const message::RawMessage& message, const MessageOrder& order, MessageBench& bench, Probes& probes, reports::Report& report);

/// Adds what the receivers ask for, by what was found in the message, where its authentication was looked at.
void hold_against_receivers(const WantedReceivers& wanted, reports::Catalogue& catalogue, reports::Language language, reports::Report& report);

}  // namespace mailmedic::cli
