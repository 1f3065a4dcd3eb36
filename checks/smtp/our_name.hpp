#pragma once
#include <boost/asio/awaitable.hpp>

#include "checks/check.hpp"
#include "lib/dns/resolver.hpp"
#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic::smtp {

/// Would receivers believe the name that we say in EHLO? It should exist and lead to the address that we connect from
/// (RFC 5321 section 4.1.4 lets them look, and many refuse what does not fit). Behind NAT that address is unknown, and
/// only the name's existence is judged. Adds to `report`.
boost::asio::awaitable<void> judge_our_name(const Survey& survey, dns::Resolver& dns, CheckReport& report);

}  // namespace mailmedic::smtp
