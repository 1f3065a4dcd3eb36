#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>

#include "checks/bounce/recheck.hpp"
#include "checks/log/tally.hpp"
#include "reports/catalogue.hpp"

namespace mailmedic::cli {

/// Claims that one run looks up at most, and groups that it takes them from.
inline constexpr std::size_t most_claims = 20, most_groups = 50;

/// What a re-check of a log leaves.
struct RecheckedCauses {
  boost::json::array claims;  ///< {kind, said, address, domain, list, verdict, found, evidence[], said_at, checked_at, group, count} each
  std::string bundles;        ///< for the forms of those who refuse for reputation, authentication or policy, a line between them
};

/// Asks again what the largest causes of deferrals and bounces claim, each claim once, all at once. `known`: what the user said
/// of himself; the sender of a group is the one with the most failures in it. Adds findings to `check`.
/// Arguments must outlive the coroutine.
asio::awaitable<RecheckedCauses> recheck_causes(const log::Tally& tally, const bounce::Classifier& classifier, const bounce::Context& known, reports::Catalogue* chinese, Probes& probes, CheckReport& check);

}  // namespace mailmedic::cli
