#pragma once
#include <string>

#include "lib/text/parse_error.hpp"

namespace mailmedic::dkim {

/// What may be shown of a private key in a file: its public half and who may read the file. The private half is
/// forgotten as soon as the public one is known.
struct PrivateKey {
  std::string file;           ///< as the user named it
  std::string key_type;       ///< "rsa" or "ed25519", as k= says it
  int bits = 0;
  std::string fingerprint;    ///< comparable with Key::fingerprint
  std::string public_base64;  ///< what p= must be; RFC 6376 section 3.6.1, RFC 8463 section 4.2
  unsigned mode = 0;          ///< permission bits, 0600 and the like
};

/// Reads PEM (PKCS#1, PKCS#8), or for Ed25519 the base64 of the 32-byte seed (with or without the public key behind
/// it), as signing servers keep it. A file over 64 KiB, no regular file, a public key or an encrypted key is an error;
/// `why` names the file and what to do, and nothing of its content.
text::Parsed<PrivateKey> read_private_key(const std::string& file);

}  // namespace mailmedic::dkim
