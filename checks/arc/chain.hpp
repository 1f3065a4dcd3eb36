#pragma once
// The Authenticated Received Chain of a message. RFC 8617 section 5.2. No opinion.
#include <string>
#include <vector>

#include "checks/signature/verify.hpp"

namespace mailmedic::arc {

/// Sets of one message; more are no chain. Section 4.2.1.
inline constexpr int max_sets = 50;

/// What one server on the way added: three fields of one instance.
struct Set {
  int instance = 0;                                  ///< from 1, counted from the first server
  const message::RawField* results = nullptr;        ///< ARC-Authentication-Results
  std::optional<signature::Verified> message{};      ///< ARC-Message-Signature; covers what the server got
  std::optional<signature::Verified> seal{};         ///< ARC-Seal; covers this set and those below
};

/// Words of RFC 8601 section 2.7 for ARC, and temperror where DNS did not give a key that the answer hangs on.
enum class Result { none, pass, fail, temperror };
std::string_view result_text(Result result);

struct Chain {
  Result result = Result::none;
  std::string why{};                      ///< in English; for fail and temperror
  std::vector<Set> sets{};                ///< in their order; only whole ones when the structure holds
  bool whole = true;                      ///< is every set there, once, and can its tags be read?
  int oldest_pass = 0;                    ///< instance of the oldest message signature from which all newer ones pass; 0: all pass
  const message::RawField* broken = nullptr;  ///< the field that `why` is about; null: none in particular
};

/// Reads the sets; keys are not known yet. Pure.
Chain read_chain(const message::RawMessage& message);

/// The whole chain with its keys, asked for at once. Arguments must outlive the coroutine and the result.
asio::awaitable<Chain> verify(const message::RawMessage& message, dns::Resolver& resolver, signature::Workshop& workshop);

/// {result, reason, oldest_pass, sets[]}; each set is {instance, cv, results, message_signature, seal}, the last two as
/// signatures are, or null.
boost::json::object to_json(const Chain& chain, const message::RawMessage& message);

/// Findings about the chain. Pure.
void judge(const Chain& chain, CheckReport& report);

}  // namespace mailmedic::arc
