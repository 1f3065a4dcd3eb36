#pragma once
// Verifies what signed a message. RFC 6376 section 6, RFC 8301, RFC 8463. No opinion.
#include <optional>
#include <string>
#include <vector>

#include "checks/check.hpp"
#include "checks/signature/published_key.hpp"
#include "lib/dkim/hasher.hpp"
#include "lib/message/raw_message.hpp"

namespace mailmedic::signature {

/// Words of RFC 8601 section 2.7.1.
enum class Result { pass, fail, permerror, temperror };
std::string_view result_text(Result result);

/// One of the two hashes, judged by itself.
enum class Hash { unknown, pass, fail };
std::string_view hash_text(Hash hash);

/// Why a signature does not pass: the first that applies.
enum class Reason {
  none,
  unreadable,      ///< its tags: RFC 6376 section 6.1.1
  from_unsigned,   ///< section 6.1.1
  expired,         ///< section 6.1.1
  sha1,            ///< RFC 8301 section 3.1
  algorithm,       ///< unknown
  key,             ///< Verified::key says what
  body_too_short,  ///< l= says more than there is
  body,            ///< the body hash differs
  size,            ///< the signature cannot be by a key of this size
  other_key,       ///< an RSA signature that this key did not make, or that was damaged
  header,          ///< the header hash differs
};

struct Verified {
  const message::RawField* field = nullptr;  ///< in the message
  std::size_t line = 0;                      ///< place among the fields, from 0
  std::optional<dkim::SignatureField> tags{};  ///< nothing: unreadable
  Result result = Result::permerror;
  Reason reason = Reason::none;
  std::string why{};                         ///< in English; empty for pass
  Hash body_hash = Hash::unknown, header_hash = Hash::unknown;
  std::uint64_t body_bytes = 0;              ///< of the canonical body
  FoundKey key{};
};

/// Signatures of one message that are verified; more are counted only.
inline constexpr std::size_t max_signatures = 20;

/// What verifying many messages needs again and again. For one thread.
struct Workshop {
  dkim::Hasher hasher{};
  KeyRing keys{};
};

/// What the signatures of one message are verified with. The message and the hasher must outlive it.
struct Bench {
  Bench(const message::RawMessage& message, dkim::Hasher& with) : picker(message.fields), bodies(message.body, with), hasher(with) {}
  dkim::FieldPicker picker;
  dkim::BodyHashes bodies;
  dkim::Hasher& hasher;
};

/// One DKIM-Signature, when its key is known. Pure.
void verify_one(Verified& signature, Bench& bench, TimePoint now);

/// The same without what RFC 6376 asks of the tags only of DKIM-Signature: algorithm, key and both hashes, as
/// ARC-Message-Signature has them too. Pure.
void verify_hashes(Verified& signature, Bench& bench);

/// What `hash` (SHA-256) of the header makes of a signature whose key is known and whose body does not count: ARC-Seal.
void verify_seal(Verified& seal, std::string_view hash);

struct Verification {
  std::vector<Verified> signatures{};  ///< from the top of the message
  std::size_t left_out = 0;            ///< over max_signatures
};

/// All signatures of a message, their keys looked up at once. Arguments must outlive the coroutine and the result.
asio::awaitable<Verification> verify(const message::RawMessage& message, dns::Resolver& resolver, TimePoint now, Workshop& workshop);

/// {domain, selector, algorithm, result, reason, body_hash, header_hash, identity, canonicalization, signed_fields[],
/// absent_fields[], length, time, expiry, key_name, key_bits, fields_above}; unknown is null.
boost::json::object to_json(const Verified& signature, const message::RawMessage& message);

}  // namespace mailmedic::signature
