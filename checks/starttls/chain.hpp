#pragma once
#include <vector>

#include "lib/tls/certificate.hpp"

namespace mailmedic::starttls {

/// A chain as it was sent, put beside what RFC 5246 section 7.4.2 asks: each certificate right after one that it certifies.
/// By names alone: whether the signatures hold is the verification's matter.
struct ChainShape {
  std::vector<const tls::Certificate*> disordered{};   ///< belong to the path, and stand before all that they certify
  std::vector<const tls::Certificate*> superfluous{};  ///< certify nothing that was sent, or stand there twice
};

/// `chain` must outlive the result. A root that is sent is neither: DANE with usage 2 needs it (RFC 7672 section 3.1.2).
/// Nor is a second certificate of the same authority (cross-signed), which helps those who do not know the first one's issuer.
ChainShape shape_of(const std::vector<tls::Certificate>& chain);

}  // namespace mailmedic::starttls
