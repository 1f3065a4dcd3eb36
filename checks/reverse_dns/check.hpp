#pragma once
#include "checks/check.hpp"

namespace mailmedic::reverse_dns {

/// Does each address that sends the domain's mail have a name that leads back to it, and does the host greet with a
/// name that fits? DNS only.
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

/// Does a host name look as if its provider made it from the address: the address's digits, or words as "dyn", "dsl",
/// "pool"? Receivers take such names for machines that should not send mail.
bool looks_generic(std::string_view host, const net::Address& address);

}  // namespace mailmedic::reverse_dns
