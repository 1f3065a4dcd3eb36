#pragma once
#include <compare>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::dns {

/// An absolute domain name: lower case, A-labels, no trailing dot. The root is ".". Any byte may stand in a
/// label (RFC 2181 section 11); bytes other than printable ASCII, and dots and backslashes inside a label, are
/// kept in the \DDD and \X form of master files (RFC 1035 section 5.1).
class Name {
 public:
  /// The root.
  Name() : text_(".") {}

  /// From text as a user or a zone file writes it, with or without the trailing dot. U-labels become A-labels
  /// (IDNA 2008 with UTS 46 mapping). An error for an empty label, a label over 63 or a name over 253 bytes.
  static text::Parsed<Name> parse(std::string_view text);

  /// The same for a name that is already ASCII or raw bytes: no escapes, no IDNA; a dot separates labels. This is
  /// what macro expansion makes (RFC 7208 section 7).
  static text::Parsed<Name> from_bytes(std::string_view bytes);

  /// The uncompressed name at the start of `wire`, its end in `size`. RFC 1035 section 3.1.
  static text::Parsed<Name> from_wire(std::string_view wire, std::size_t* size = nullptr);
  std::string wire() const;

  const std::string& text() const { return text_; }
  bool is_root() const { return text_ == "."; }

  /// Labels from the left, in escaped form; none for the root.
  std::vector<std::string_view> labels() const;
  /// "_dmarc" -> _dmarc.example.org. Several labels may be given. An error when it gets too long.
  text::Parsed<Name> prefixed(std::string_view labels) const;
  /// Without its first label; the root's parent is the root.
  Name parent() const;
  /// The last `count` labels, or the whole name when it has no more.
  Name last_labels(std::size_t count) const;
  /// Is this name `other`, or below it?
  bool is_within(const Name& other) const;

  /// Is every label a host name's: letters, digits, hyphens inside? RFC 1123 section 2.1.
  bool is_host_name() const;
  /// With A-labels shown as U-labels where they decode: for people, never for a query.
  std::string display() const;

  auto operator<=>(const Name&) const = default;

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace mailmedic::dns

template <>
struct std::hash<mailmedic::dns::Name> {
  std::size_t operator()(const mailmedic::dns::Name& name) const noexcept { return hash<string>()(name.text()); }
};
