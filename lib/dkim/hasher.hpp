#pragma once
// The two hashes of a signature (SHA-256). RFC 6376 section 3.7. Pure.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/dkim/signature_field.hpp"
#include "lib/message/raw_message.hpp"

namespace mailmedic::dkim {

/// Finds the fields that h= means: the last of a name first, then the one above it, and so on. Section 5.4.2. One for a
/// message, whatever the number of its signatures. The fields must outlive it.
class FieldPicker {
 public:
  explicit FieldPicker(std::span<const message::RawField> fields);
  /// One entry a name, in their order; null where the message has no such field (left).
  std::vector<const message::RawField*> pick(std::span<const std::string> names) const;

 private:
  std::size_t place_of(std::string_view name) const;

  std::span<const message::RawField> fields_;
  std::vector<int> last_;      ///< by place: the last field of that name, -1 where none is
  std::vector<int> previous_;  ///< by field: the one of the same name above it
};

/// A body's hash, and the bytes of its canonical form.
struct BodyHash {
  std::string bytes;
  std::uint64_t length = 0;
};

/// Keeps what hashing needs, so that nothing is set up once a message. For one thread.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  /// `limit` is l=: bytes of the canonical body that count; nothing: all. Sections 3.4.5 and 3.7.
  BodyHash body(std::string_view body, Canonicalization form, std::optional<std::uint64_t> limit = {});

  /// Of the picked fields and of the signature field itself, `whole`, from which the value of b= is left out: the bytes
  /// from `value_begin` to `value_end`. Section 3.7.
  std::string header(std::span<const message::RawField* const> picked, std::string_view whole, std::size_t value_begin, std::size_t value_end, Canonicalization form);

  std::string of(std::string_view text);

 private:
  void begin();
  void put(std::string_view text);
  std::string end();

  struct State;
  std::unique_ptr<State> state_;
};

/// The hashes of one body, each made once whatever the number of signatures that want it. `body` and `hasher` must
/// outlive it.
class BodyHashes {
 public:
  BodyHashes(std::string_view body, Hasher& hasher) : body_(body), hasher_(hasher) {}
  BodyHash of(Canonicalization form, std::optional<std::uint64_t> limit = {});

 private:
  struct Made {
    Canonicalization form;
    std::optional<std::uint64_t> limit;
    BodyHash hash;
  };
  std::string_view body_;
  Hasher& hasher_;
  std::vector<Made> made_;
};

/// "name:value CRLF" of each that is there, then the signature field without its b= and without a line end: what a
/// header hash is made over.
std::string signed_header(std::span<const message::RawField* const> picked, std::string_view whole, std::size_t value_begin, std::size_t value_end, Canonicalization form);

}  // namespace mailmedic::dkim
