#pragma once
#include <string>
#include <string_view>

#include "lib/text/parse_error.hpp"

namespace mailmedic::gzip {

/// Does it begin as gzip data does? RFC 1952 section 2.3.1.
bool is_gzip(std::string_view bytes);

/// The content of one gzip member. An error for what is not gzip, is cut off, or has more than `limit` bytes in it:
/// no more than that is ever unpacked.
text::Parsed<std::string> inflate(std::string_view bytes, std::size_t limit);

}  // namespace mailmedic::gzip
