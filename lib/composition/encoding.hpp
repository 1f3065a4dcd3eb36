#pragma once
// Text that mail can carry: encoded words, parameters, bodies in 7 bits. Lines end in CRLF.
#include <string>
#include <string_view>

namespace mailmedic::composition {

bool is_ascii(std::string_view text);

/// Unstructured text of a header field, UTF-8: as it is where it is ASCII, else in encoded words of at most 75 characters, none of
/// which cuts a character in two. RFC 2047 sections 2 and 5. Not folded; a space stands between two words.
std::string encoded_words(std::string_view text);

/// A display name: an atom sequence, a quoted string, or encoded words. RFC 5322 section 3.2.5, RFC 2047 section 5 (3).
std::string phrase(std::string_view name);

/// `; name=value`, quoted where it must be; in the form of RFC 2231 section 4 (name*=UTF-8''...) where it is not ASCII.
std::string parameter(std::string_view name, std::string_view value);

/// "Name: value" folded at spaces so that lines stay below 78 characters where they can, with CRLF at its end. RFC 5322 section 2.2.3.
std::string field(std::string_view name, std::string_view value);

/// RFC 2045 section 6.8: lines of 76 characters.
std::string base64_body(std::string_view bytes);

/// RFC 2045 section 6.7, of text with any line ends.
std::string quoted_printable(std::string_view text);

/// CRLF for every line end, whatever it was.
std::string with_crlf(std::string_view text);

}  // namespace mailmedic::composition
