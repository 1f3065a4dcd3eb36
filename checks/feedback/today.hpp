#pragma once
// What today's records say of the sources in old reports.
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "checks/check.hpp"
#include "checks/feedback/sources.hpp"

namespace mailmedic::feedback {

/// One source, asked about again. Nothing in an optional: DNS did not tell, or the reports do not say enough to ask.
struct Today {
  std::optional<std::vector<std::string>> names;  ///< of the address, by its PTR records
  std::string spf;                                ///< result for the address and the MAIL FROM domain; empty: not asked
  std::string spf_domain;                         ///< that MAIL FROM domain
  std::optional<bool> spf_aligned;                ///< passes today, and is aligned with the author domain as its record wants
  std::optional<std::size_t> keys_missing;        ///< of the selectors in the reports: how many have no key today
  std::optional<std::string> policy;              ///< what the author domain requests today: none, quarantine, reject; empty: nothing
  std::vector<std::string> unanswered;            ///< what DNS was asked in vain: "PTR of 192.0.2.1"
};

/// All sources at once; the results in their order. Arguments must outlive the coroutine.
asio::awaitable<std::vector<Today>> ask_today(const std::vector<Source>& sources, Probes& probes);

}  // namespace mailmedic::feedback
