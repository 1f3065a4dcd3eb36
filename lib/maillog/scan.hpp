#pragma once
// Small finds in a line, as views into it.
#include <string_view>

namespace mailmedic::maillog {

/// What stands between the first `begin` and the next `end` behind it; empty where one of them is missing.
std::string_view between(std::string_view text, std::string_view begin, std::string_view end);

/// The enhanced status code at the start of a reply, "5.1.1" of "550 5.1.1 no such user" or "550-5.1.1 ..."; else
/// empty. RFC 3463 section 2.
std::string_view enhanced_code_in(std::string_view reply);

/// The reply code at the start of a reply, "550", or empty. RFC 5321 section 4.2.
std::string_view reply_code_in(std::string_view reply);

/// Is the whole text an enhanced status code?
bool is_enhanced_code(std::string_view text);

}  // namespace mailmedic::maillog
