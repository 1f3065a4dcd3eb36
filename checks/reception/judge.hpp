#pragma once
// How a message came: TLS and conduct of the client that delivered it to mailmedic listen.
#include "checks/check.hpp"
#include "lib/reception/receiver.hpp"

namespace mailmedic::reception {

/// Findings about the session; asks nobody.
void judge(const Delivered& message, CheckReport& report);

/// {client, helo, extended, sender, recipients[], size, declared_size, body, smtputf8, chunked, tls {protocol, cipher, bits,
/// sni}, bare_lf, bare_cr, spoke_early}. `tls` is null without.
Facts facts_of(const Delivered& message);

}  // namespace mailmedic::reception
