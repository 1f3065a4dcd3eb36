#pragma once
#include "checks/check.hpp"

namespace mailmedic::dane {

/// DANE for SMTP (RFC 7672): the TLSA records of each mail host, whether senders can use them, and, where mail servers
/// may be connected to, whether the chain of every address passes by them. Without TLSA records there is nothing to
/// judge. Target::new_certificate rehearses a renewal.
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

}  // namespace mailmedic::dane
