#pragma once
// The tags of a DKIM-Signature field that say which key verifies it. Pure. RFC 6376 section 3.5.
#include <string>
#include <string_view>
#include <vector>

#include "lib/dns/name.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::dkim {

struct Signature {
  dns::Name domain;           ///< d
  std::string selector;       ///< s
  dns::Name identity_domain;  ///< what stands behind the @ of i; the domain where there is no i
  std::string text;           ///< the field, unfolded, cut at 1000 bytes
};

/// From the value of the field, with or without its folds. An error, with the offset, where d or s is missing, stands
/// twice or is no name.
text::Parsed<Signature> parse_signature(std::string_view value);

}  // namespace mailmedic::dkim
