#pragma once
// What kind of cause a reply or reason in a log stands for. Pure.
#include <string>
#include <string_view>

#include "lib/maillog/event.hpp"

namespace mailmedic::log {

/// The reply with what differs from case to case taken out: addresses, host names, numbers, ids. Equal causes then have
/// equal texts: "550 5.1.1 <address>: user unknown". Names of block lists stay, as they tell causes apart.
std::string normalised(std::string_view text);

/// Everything that a cause is told by.
struct Wording {
  maillog::Kind kind = maillog::Kind::none;
  std::string_view status{};  ///< enhanced status code, "5.1.1"; may be empty
  std::string_view text{};    ///< the reply or reason
};

/// One of recipient, mailbox-full, disabled, domain, network, reputation, authentication, content, policy, relay, size,
/// rate, greylist, system, tls; "unmatched" where nothing tells. This is the one place where a class comes from.
std::string_view class_of(const Wording& wording);

/// Is the address itself bad for good, so that nothing should be sent to it again?
bool is_hard(std::string_view cause_class);

}  // namespace mailmedic::log
