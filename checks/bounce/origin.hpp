#pragma once
// Did we send what came back? Bounces of mail with a forged sender come to whose name was used (backscatter).
#include <boost/asio/awaitable.hpp>

#include "checks/bounce/claims.hpp"
#include "checks/check.hpp"

namespace mailmedic::bounce {

enum class Ours { yes, no, unknown };
std::string_view ours_word(Ours ours);  ///< "yes", "no", "unknown"

struct Origin {
  Ours ours = Ours::unknown;
  std::string why;  ///< in English: what tells it
  std::vector<Evidence> evidence{};
};

/// By the addresses and the EHLO name of the context (Context::own must not be empty): a Received field that names them, a
/// signature of the sender's domain that holds, or a report written by our own server tell that it is ours. It is not where
/// others on the Internet handed it over and none of these is there. The rest, and what DNS did not answer, is unknown.
/// Arguments must outlive the coroutine.
asio::awaitable<Origin> ask_origin(const message::DeliveryReport& delivery, const Context& context, Probes& probes);

/// A finding where the message is not ours.
void judge_origin(const Origin& origin, const Context& context, CheckReport& out);

}  // namespace mailmedic::bounce
