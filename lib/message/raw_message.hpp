#pragma once
// A message as bytes: where its fields and its body stand. Nothing is decoded, changed or copied.
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::message {

/// One header field. Views into the message. RFC 5322 section 2.2.
struct RawField {
  std::string_view whole;  ///< from its name to its end, folds and all, without the last line end
  std::string_view name;   ///< as written, without white space in front of the colon
  std::string_view value;  ///< what follows the colon
};

/// How the lines of a message end. What a file system keeps with LF went over the wire with CRLF.
struct LineEnds {
  std::size_t crlf = 0, lf = 0;  ///< lines that end so
  std::size_t bare_cr = 0;       ///< CR without LF behind it: no line end (RFC 5322 section 2.3)
  std::size_t longest = 0;       ///< bytes of the longest line, without its end
  bool eight_bit = false;        ///< a byte above 127
  bool nul = false;
};

struct RawMessage {
  std::vector<RawField> fields;
  std::string_view head;      ///< all fields, with the line end of the last one
  std::string_view body;      ///< behind the empty line; empty where there is none
  std::string_view envelope;  ///< the line "From ..." of a mailbox file, with its end; empty where there is none
};

/// Lines may end in CRLF or LF. An error, with the offset, for a line of the header that is no field, and for a header
/// over max_header_bytes or max_fields (fields.hpp). `text` must outlive the result.
text::Parsed<RawMessage> parse_raw(std::string_view text);

LineEnds line_ends_of(std::string_view text);

}  // namespace mailmedic::message
