#pragma once
#include "checks/check.hpp"
#include "lib/tls/handshake.hpp"

namespace mailmedic::starttls {

/// What a completed handshake's certificate and protocol mean; about `host`, seen at `endpoint`.
std::vector<Finding> judge_handshake(const tls::Handshake& shake, const std::string& host, const std::string& endpoint,
                                     TimePoint now);

}  // namespace mailmedic::starttls
