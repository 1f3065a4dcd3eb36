#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace mailmedic::text {

/// With padding, in one line. RFC 4648 section 4.
std::string to_base64(std::string_view bytes);

/// Nothing on any character or length that RFC 4648 section 4 does not allow; white space is none of it.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace mailmedic::text
