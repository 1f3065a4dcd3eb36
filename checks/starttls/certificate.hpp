#pragma once
#include "checks/check.hpp"
#include "lib/tls/handshake.hpp"

namespace mailmedic::starttls {

/// When a certificate's end is near: 14 and 7 days before it, or a quarter and an eighth of its whole life where
/// that is less, so that one of six days is not always "about to expire".
struct ExpiryLimits {
  std::chrono::seconds warning, error;
};
ExpiryLimits expiry_limits(const tls::Certificate& certificate);

/// What a completed handshake's certificate and protocol mean; about `host`, seen at `endpoint`.
std::vector<Finding> judge_handshake(const tls::Handshake& shake, const std::string& host, const std::string& endpoint,
                                     TimePoint now);

}  // namespace mailmedic::starttls
