#pragma once
// Signs messages. RFC 6376 section 5, RFC 8463.
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "lib/dkim/hasher.hpp"
#include "lib/dkim/signing_key.hpp"

namespace mailmedic::dkim {

struct SigningRules {
  std::string domain;                              ///< d=, in A-labels
  std::optional<std::string> identity{};           ///< i=; nothing: left out
  Canonicalization header = Canonicalization::relaxed, body = Canonicalization::relaxed;
  std::optional<std::chrono::seconds> lifetime{};  ///< x= is so long after t=; nothing: no x=
};

/// Signs with one key or several, as many messages as wanted. For one thread.
class Signer {
 public:
  struct Use {
    std::string selector;
    SigningKey key;
  };
  Signer(SigningRules rules, std::vector<Use> keys) : rules_(std::move(rules)), keys_(std::move(keys)) {}

  /// The fields to put in front of the message, one a key, each with CRLF at its end. Signed are all that a reader sees
  /// or that says how to read the body (RFC 6376 section 5.4.1), and the fields of RFC 8058 and RFC 9477; From, To,
  /// Subject, Date and those of unsubscribing once more than they are there, so that none can be added. Never part of
  /// the body only (l=), nor what is added on the way. An error for a message without From, or one over a limit.
  text::Parsed<std::string> sign(const message::RawMessage& message, std::chrono::system_clock::time_point now);

 private:
  std::string field_of(Use& use, const FieldPicker& picker, std::span<const std::string> names, const std::string& body_hash, std::int64_t now);

  SigningRules rules_;
  std::vector<Use> keys_;
  Hasher hasher_;
};

/// The names for h=, in order: the fields of the message that are signed, and what is named once more.
std::vector<std::string> names_to_sign(std::span<const message::RawField> fields);

}  // namespace mailmedic::dkim
