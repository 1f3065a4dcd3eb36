#pragma once
#include "checks/certificate_life.hpp"
#include "checks/check.hpp"
#include "lib/net/address.hpp"
#include "lib/tls/handshake.hpp"

namespace mailmedic::starttls {

/// What a completed handshake's certificate and protocol mean; about `host`, seen at `endpoint`. On port 25 most senders take any
/// certificate (RFC 7435); on every other port the programs that connect check it (RFC 8314 section 5.5), so that trust and name
/// are errors there.
std::vector<Finding> judge_handshake(const tls::Handshake& shake, const std::string& host, const net::Endpoint& endpoint,
                                     TimePoint now, const ExpiryDays& expiry = {});

/// The same of a certificate that an ordinary handshake is not shown: the evidence tells its key, "(RSA 2048)".
std::vector<Finding> judge_other_certificate(const tls::Handshake& shake, const std::string& host, const net::Endpoint& endpoint,
                                             TimePoint now, const ExpiryDays& expiry = {});

}  // namespace mailmedic::starttls
