#pragma once
// An OCSP response that a server stapled to its certificate (RFC 6066 section 8, RFC 6960). Pure; bytes of any content.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/tls/certificate.hpp"

namespace mailmedic::tls {

class TrustStore;

struct Staple {
  enum class Status {
    good,
    revoked,
    unknown,      ///< the responder does not know the certificate
    not_for_it,   ///< no answer in it is about this certificate
    no_answer,    ///< the responder says that it cannot answer: `why` ("tryLater")
    unreadable,   ///< not an OCSP response
  };
  Status status = Status::unreadable;
  std::string why{};
  std::chrono::system_clock::time_point this_update{};
  std::optional<std::chrono::system_clock::time_point> next_update{};  ///< nothing: newer ones are always there. RFC 6960 section 4.2.2.1
  std::optional<std::chrono::system_clock::time_point> revoked_at{};
  std::string reason{};                ///< of a revocation: "keyCompromise"; empty: not told
  std::optional<bool> is_signed{};     ///< by the certificate's issuer or who speaks for it; nothing: no authority that we trust to hold it against

  bool speaks_of_it() const { return status == Status::good || status == Status::revoked || status == Status::unknown; }
};
std::string_view staple_text(Staple::Status status);  ///< "good", "revoked", "unknown", "not_for_it", "no_answer", "unreadable"

/// What `response` (DER) says about the first of `chain`. Nothing when it is empty.
std::optional<Staple> read_staple(std::string_view response, const std::vector<Certificate>& chain, const TrustStore& store);

}  // namespace mailmedic::tls
