#pragma once
// The tags of DKIM-Signature, ARC-Message-Signature and ARC-Seal. Pure. RFC 6376 section 3.5, RFC 8617 section 4.1.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/dkim/canonical.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::dkim {

enum class Algorithm { rsa_sha256, ed25519_sha256, rsa_sha1, other };

/// Whose rules the tags follow.
enum class FieldKind {
  signature,      ///< DKIM-Signature
  arc_signature,  ///< ARC-Message-Signature: i= is the instance, v= does not exist (RFC 8617 section 4.1.2)
  arc_seal,       ///< ARC-Seal: no h=, bh=, c= either (RFC 8617 section 4.1.3)
};

/// Fields named in h= that are looked at; more is an error. No signer needs them.
inline constexpr std::size_t max_signed_names = 1000;

struct SignatureField {
  std::string domain, selector;           ///< d and s, as written
  std::string identity;                   ///< i, as written; "@" and d where it is absent
  bool has_identity = false;
  Algorithm algorithm = Algorithm::other;
  std::string algorithm_text;             ///< a, as written
  Canonicalization header = Canonicalization::simple, body = Canonicalization::simple;
  bool has_canonicalization = false;
  std::vector<std::string> names;         ///< h, as written
  std::string body_hash, signature;       ///< bh and b as bytes
  std::optional<std::uint64_t> length;    ///< l: bytes of the canonical body that are signed
  std::optional<std::uint64_t> time, expiry;  ///< t and x, seconds since 1970
  std::optional<std::string> copied;      ///< z: fields as they were when it was signed (section 3.5)
  std::string query;                      ///< q
  int instance = 0;                       ///< i of ARC, 1 to 50
  std::string chain;                      ///< cv of ARC-Seal: none, pass or fail
  std::size_t value_begin = 0, value_end = 0;  ///< where the value of b stands in the text that was parsed

  /// Does h name this field, in any case?
  bool signs(std::string_view name) const { return times_signed(name) > 0; }
  std::size_t times_signed(std::string_view name) const;
};

/// The text of the whole field (`RawField::whole`) or of what follows its colon. An error for what makes the field
/// unusable: no tag list (section 3.2), a tag twice, a required tag missing, a value that cannot be read, v= other
/// than 1, i= outside d=. That the algorithm is unknown, or From not signed, is told by the fields.
text::Parsed<SignatureField> parse_signature_field(std::string_view whole, FieldKind kind = FieldKind::signature);

/// Bytes from base64 in which white space may stand; nothing when it is none, or empty.
std::optional<std::string> decoded_base64(std::string_view text);
std::string encoded_base64(std::string_view bytes);

}  // namespace mailmedic::dkim
