#pragma once
#include <string>

#include "lib/net/address.hpp"

namespace mailmedic::smtp {

/// "[192.0.2.1]", "[IPv6:2001:db8::1]". RFC 5321 section 4.1.3.
std::string address_literal(const net::Address& address);

/// What a client may call itself in EHLO: this machine's own name when it is a full one, else the literal of the address
/// that it connects from (RFC 5321 section 4.1.3), or "localhost" where that is none (a UNIX socket). Never a name that is
/// not ours.
std::string our_name(const net::Address* local);

}  // namespace mailmedic::smtp
