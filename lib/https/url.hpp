#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/dns/name.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::https {

/// An absolute https URL whose host is a name. RFC 9110 section 4.2.2, RFC 3986.
struct Url {
  dns::Name host;
  std::uint16_t port = 443;
  std::string target = "/";  ///< path and query, without the fragment

  /// Only the characters of RFC 3986 pass: others must be percent-encoded. An error for another scheme, for user
  /// names, for an address or a single label instead of a full host name, and beyond 2048 bytes.
  static text::Parsed<Url> parse(std::string_view text);
  std::string text() const;
};

}  // namespace mailmedic::https
