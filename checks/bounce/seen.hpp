#pragma once
// What the parts of a re-check find; recheck.cpp makes verdicts of it.
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "checks/bounce/claims.hpp"
#include "checks/check.hpp"

namespace mailmedic::bounce {

struct Seen {
  std::optional<bool> still{};  ///< is it still so? Nothing: it could not be told
  std::string found;            ///< in English
  std::vector<Evidence> evidence{};
};

/// The signatures of the returned message, by the keys that are published now. RFC 6376 section 6.
asio::awaitable<Seen> ask_signatures(const Context& context, Probes& probes);

/// The policy of the From domain, and where it refuses, whether the returned message passes by what is published now.
asio::awaitable<Seen> ask_dmarc(const Claim& claim, const Context& context, Probes& probes);

/// The mail servers of the recipient's domain: greetings, TLS, and what DANE and MTA-STS make of it. No sender or recipient
/// is named to them.
asio::awaitable<Seen> ask_servers(const Claim& claim, const Context& context, Probes& probes);

}  // namespace mailmedic::bounce
