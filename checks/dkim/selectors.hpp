#pragma once
#include <string_view>

namespace mailmedic::dkim {

/// Usual names on own servers, asked when the user names no selector; those of services are in providers.toml. Finding
/// none of them proves nothing: a selector cannot be listed (RFC 6376 section 3.1), only seen in a signature.
inline constexpr std::string_view common_selectors[] = {  // the most common first
    "default", "mail", "dkim", "smtp", "email", "mx", "key1", "key2", "s1", "s2", "dkim1", "dkim2",
    "rsa", "ed25519", "2024", "2025", "2026",
};

/// So many of them are asked of one domain among thousands.
inline constexpr std::size_t most_common = 10;

}  // namespace mailmedic::dkim
