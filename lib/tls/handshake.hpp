#pragma once
// Facts of one TLS handshake as a client saw it, and what verification says of the chain. No judgement.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/tls/certificate.hpp"
#include "lib/tls/staple.hpp"

namespace mailmedic::tls {

class TrustStore;

/// An alert of RFC 8446 section 6.
struct Alert {
  std::string name;        ///< "handshake_failure", as the RFC names it
  int code = 0;
  bool fatal = true;
  bool from_peer = false;  ///< else we sent it
};

/// Why a handshake did not come about.
enum class Failure {
  none,
  alert,      ///< Handshake::alert says which, and who sent it
  not_tls,    ///< what came is no TLS record: Handshake::stray_bytes has its start
  closed,     ///< the peer ended the connection
  reset,      ///< the connection was reset
  timed_out,  ///< no end within the limit
  local,      ///< nothing of the peer's: our library or machine
};
std::string_view failure_text(Failure failure);

/// What X509_verify_cert says of a chain as it was sent, at a given time. Every problem is recorded, so that
/// trust, dates and names can be told apart.
struct Verification {
  bool performed = false;         ///< false: no chain, or no usable trust store (`text` says)
  bool trusted = false;           ///< a path to a trusted authority, and no problem of any kind
  bool anchored = false;          ///< a path to a trusted authority; dates aside
  int code = 0;                   ///< OpenSSL's X509_V_ERR number of the first problem, 0 for none
  std::string text;               ///< its text
  int depth = 0;                  ///< where in the chain, 0 is the server's own certificate
  std::vector<std::pair<int, int>> problems;  ///< every (code, depth), in OpenSSL's order
  bool expired = false;           ///< a certificate of the path; the first one's own dates stand in its facts
  bool not_yet_valid = false;
  bool self_signed = false;       ///< the server's own certificate signs itself and is not in the store
  bool unknown_issuer = false;    ///< the path ends at an authority that is not in the store
  /// The issuer of the server's own certificate was neither sent nor is it in the store. Nearly every authority
  /// issues through an intermediate, so most often that one is missing. RFC 8446 section 4.4.2.
  bool incomplete_chain = false;
  std::optional<bool> name_matches;  ///< by names_host(); nothing without a name to compare with
};

struct Handshake {
  bool completed = false;
  Failure failure = Failure::none;
  std::string error;               ///< what our side's library or system said of the failure
  std::optional<Alert> alert;      ///< the fatal one; with TLS 1.3 it may come after a completed handshake
  std::vector<Alert> warnings;     ///< others, close_notify aside
  std::string stray_bytes;         ///< for not_tls: at most 512 bytes of what came instead
  std::string protocol;            ///< "TLSv1.3"
  std::string cipher;              ///< the name in IANA's registry, "TLS_AES_256_GCM_SHA384"
  int cipher_bits = 0;             ///< strength of the symmetric cipher
  std::string group;               ///< key exchange: "x25519", "secp256r1", "DH 1024 bits"; empty for plain RSA
  std::vector<Certificate> chain;  ///< exactly as sent, the server's own first
  std::string sni;                 ///< the name that was sent (RFC 6066 section 3); empty: none
  bool ocsp_stapled = false;       ///< RFC 6066 section 8
  std::string ocsp_response;       ///< the staple, DER; empty where it is larger than 64 KiB
  std::optional<Staple> staple;    ///< what it says
  bool resumed = false;            ///< an earlier session was taken up: the certificate is the one of that time
  bool certificate_requested = false;  ///< the server asked for a client certificate
  bool secure_renegotiation = false;   ///< RFC 5746; always so with TLS 1.3
  std::chrono::microseconds duration{0};
  Verification verification;
};

/// What the certificate is to be used for.
enum class Purpose {
  server,  ///< TLS server: its extended key usage must allow that
  any,     ///< extended key usage is the caller's to judge
};

/// Verifies `chain` (RFC 5280 section 6) against `store` at `now`. Every certificate after the first is a mere help in
/// building the path. `host` may be empty.
Verification verify(const std::vector<Certificate>& chain, std::string_view host, const TrustStore& store,
                    std::chrono::system_clock::time_point now, Purpose purpose = Purpose::server);

}  // namespace mailmedic::tls
