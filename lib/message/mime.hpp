#pragma once
// The parts of a message that need not be in order: bounded, tolerant, without copies. (Why not GMime: docs/decisions.)
#include <string>
#include <string_view>
#include <vector>

#include "lib/message/raw_message.hpp"

namespace mailmedic::message {

/// The fields of a header, as they can be read. Ends at an empty line, or at the first line that is no field.
class Header {
 public:
  /// `text` must outlive the result. A first line "From ..." of a mailbox file is skipped.
  explicit Header(std::string_view text);

  const std::vector<RawField>& fields() const { return fields_; }
  std::string_view body() const { return body_; }

  /// The trimmed value of the first field of that name, folds and all; empty where there is none.
  std::string_view operator[](std::string_view name) const;

 private:
  std::vector<RawField> fields_;
  std::string_view body_;
};

/// A leaf of the MIME tree; what is in message/rfc822 is a leaf too. Views into the message.
struct Part {
  std::string type = "text/plain";  ///< lower case. RFC 2045 section 5.2
  std::string_view charset;         ///< as written
  std::string_view encoding;        ///< Content-Transfer-Encoding, as written
  std::string_view body;            ///< still encoded
  bool attached = false;            ///< Content-Disposition: attachment
  bool alternative = false;         ///< within multipart/alternative
};

inline constexpr std::size_t max_parts = 200, max_part_depth = 10;

/// The leaves in their order. A multipart whose boundary is nowhere is one text.
std::vector<Part> parts_of(const Header& header);

/// Where the delimiter line "--boundary" next begins, from `at`; npos if nowhere. `delimiter` has its dashes. RFC 2046
/// section 5.1.1
std::size_t find_delimiter(std::string_view text, std::string_view delimiter, std::size_t at);

/// The bytes of a part, without its transfer encoding; at most `limit` encoded bytes are read. `storage` holds them if
/// they had to be decoded.
std::string_view decoded(const Part& part, std::string& storage, std::size_t limit);

/// The value of "name=" in a field like Content-Type, without quotes; empty where there is none. RFC 2045 section 5.1
std::string_view parameter(std::string_view value, std::string_view name);

}  // namespace mailmedic::message
