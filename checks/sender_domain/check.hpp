#pragma once
#include "checks/check.hpp"

namespace mailmedic::sender_domain {

/// Do receivers take the domains of a sender for real? For the From domain, and for that of MAIL FROM where it is
/// another: it exists, stands in a zone with an SOA record (Yahoo tests by that), and mail can be answered to it.
/// Without a sending address nothing is known to send, and a domain that takes no mail is no fault.
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

}  // namespace mailmedic::sender_domain
