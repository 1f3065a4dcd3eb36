#pragma once
// What was done to a message after it was signed: each usual change is undone in turn, and the hash that the signer made tells
// which one it was. Pure. RFC 6376 section 3.7; an RSA signature gives back the header hash that was signed (RFC 8017 section 8.2.2).
#include <optional>
#include <string>

#include "checks/finding.hpp"
#include "checks/signature/verify.hpp"

namespace mailmedic::signature {

/// A change that explains a hash: undone, the signature holds.
struct Damage {
  std::string_view id;  ///< of the finding
  Args args;
  std::string seen;     ///< the changed place, as it is now
};

/// Why the body hash differs; nothing where no usual change explains it. Hashes at most 200 MB in all.
std::optional<Damage> body_damage(const dkim::SignatureField& tags, std::string_view body, dkim::Hasher& hasher);

/// Why the header hash differs: up to two signed fields changed in usual ways. The key must be known.
std::optional<Damage> header_damage(const Verified& signature, const message::RawMessage& message, dkim::Hasher& hasher);

}  // namespace mailmedic::signature
