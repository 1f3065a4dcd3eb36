#pragma once
// Bytes of a message as UTF-8: charsets, the two transfer encodings, encoded words. Never fails: what can't be read
// becomes U+FFFD or stays as it is, since a report with one bad byte still has to be read.
#include <cstdint>
#include <string>
#include <string_view>

namespace mailmedic::message {

/// True where the bytes say the same in every charset that a report comes in: ASCII without ESC (ISO-2022-JP shifts with it).
bool is_plain_ascii(std::string_view bytes);

/// `bytes` of `charset` ("gb2312", empty where none was said) as UTF-8. What is valid UTF-8 stays; what the charset
/// can't be (EUC-JP called ISO-2022-JP, anything called us-ascii) is guessed. Knows the charsets of iconv(3).
std::string to_utf8(std::string_view bytes, std::string_view charset);

/// Is it a charset that can be read here: one that iconv(3) knows?
bool is_known_charset(std::string_view charset);

/// The first `bytes` of UTF-8, without a character cut in two.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);

/// `code` is a code point of Unicode, no surrogate.
void append_utf8(std::string& out, std::uint32_t code);

/// RFC 2045 section 6.7 and 6.8, skipping what does not belong there.
std::string from_quoted_printable(std::string_view text);
std::string from_mime_base64(std::string_view text);

/// A field's value with its encoded words decoded, in one line. RFC 2047 section 2.
std::string decoded_words(std::string_view value);

}  // namespace mailmedic::message
