#pragma once
#include <chrono>
#include <optional>

#include "lib/tls/certificate.hpp"

namespace mailmedic {

/// When a certificate's end is near: 14 and 7 days before it, or a quarter and an eighth of its whole life where
/// that is less, so that one of six days is not always "about to expire".
struct ExpiryLimits {
  std::chrono::seconds warning, error;
};
/// Days before the end at which a user wants to hear of it; nothing: by the certificate's life.
struct ExpiryDays {
  std::optional<int> warning, error;
};
ExpiryLimits expiry_limits(const tls::Certificate& certificate, const ExpiryDays& wanted = {});

/// "subject CN=..., issuer ..., from ... to ..., SHA-256 ...": a certificate as evidence.
std::string certificate_line(const tls::Certificate& certificate);

}  // namespace mailmedic
