#pragma once
// What is put into DNS for a key. Pure.
#include <string>
#include <string_view>
#include <vector>

#include "lib/dkim/private_key.hpp"

namespace mailmedic::dkim {

/// "v=DKIM1; k=rsa; p=...". RFC 6376 section 3.6.1, RFC 8463 section 4.
std::string record_of(const PrivateKey& key);

/// A text in pieces of at most 255 bytes, which is all that one string of a TXT record holds. RFC 1035 section 3.3.
std::vector<std::string> txt_strings(std::string_view text);

/// The record as a zone file takes it (RFC 1035 section 5.1): `name` TXT ( "..." "..." ), a line a string where there
/// are several. `text` must hold neither quotes nor backslashes, which records of keys never do.
std::string zone_entry(std::string_view name, std::string_view text);

}  // namespace mailmedic::dkim
