#pragma once
#include <boost/json/object.hpp>

#include "lib/tls/handshake.hpp"

namespace mailmedic::tls {

/// The facts of a handshake as the reports give them: {version, cipher, group, sni, trusted, verify{}, name_matches,
/// chain_length, ocsp_stapled, ocsp{}, client_certificate_requested}; of one that failed {failure, error, alert{}}. The peer's texts stand in it as raw bytes.
boost::json::object facts_of(const Handshake& shake);

/// {status, why} or {status, this_update, next_update, signed, revoked_at, reason}; nulls where it was not told.
boost::json::object facts_of(const Staple& staple);

/// {subject, issuer, names[], not_before, not_after, key, signature, must_staple, serial, sha256}.
boost::json::object facts_of(const Certificate& certificate);

}  // namespace mailmedic::tls
