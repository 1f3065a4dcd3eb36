#pragma once
// The text of a DKIM key record. Pure: no DNS, no cryptography. RFC 6376 section 3.6.1, RFC 8301, RFC 8463.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::dkim {

struct KeyRecord {
  std::string text;
  std::optional<std::string> version;              ///< v, where present
  bool version_is_first = true;                    ///< or absent
  std::string key_type = "rsa";                    ///< k, in lower case
  std::optional<std::vector<std::string>> hashes;  ///< h, in lower case; nothing: all are allowed
  std::vector<std::string> services = {"*"};       ///< s, in lower case
  std::vector<std::string> flags;                  ///< t, in lower case: "y" testing, "s" no subdomain in i=
  std::optional<std::string> granularity;          ///< g of RFC 4871, dropped by RFC 6376
  std::optional<std::string> notes;                ///< n
  std::optional<std::string> key;                  ///< p in base64 without white space; empty: revoked; nothing: missing
  std::vector<std::string> duplicates;             ///< tags that stand more than once: the whole list is invalid (section 3.2)
  std::vector<std::string> unknown_tags;           ///< ignored by verifiers

  bool has_flag(std::string_view flag) const;
  /// May a signature made with `hash` ("sha256") use the key?
  bool allows_hash(std::string_view hash) const;
  /// May the key be used for `service` ("email", "tlsrpt")?
  bool serves(std::string_view service) const;
};

/// An error for a text that is no tag list at all, with the offset of the bad part.
text::Parsed<KeyRecord> parse_key_record(std::string_view text);

}  // namespace mailmedic::dkim
