#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/smtp/reply.hpp"

namespace mailmedic::smtp {

/// What a server says it can do, by its reply to EHLO. RFC 5321 section 4.1.1.1.
struct Capabilities {
  struct Keyword {
    std::string name;                     ///< upper case
    std::vector<std::string> parameters;  ///< as they stand
  };
  std::string domain;                     ///< first word of the first line: what the server calls itself
  std::vector<Keyword> keywords;          ///< in order; duplicates kept
  std::vector<std::string> lines;         ///< raw, the first one included
  std::vector<std::string> auth;          ///< mechanisms in upper case, also of the old form "AUTH=LOGIN"; each once
  std::optional<std::uint64_t> size;      ///< octets (RFC 1870); 0 means no fixed limit, nothing: not told
  std::map<std::string, std::string> limits;  ///< of LIMITS, "RCPTMAX" -> "100". RFC 9422

  bool has(std::string_view keyword) const;
  bool starttls() const { return has("STARTTLS"); }
  bool pipelining() const { return has("PIPELINING"); }
  bool eight_bit_mime() const { return has("8BITMIME"); }
  bool smtputf8() const { return has("SMTPUTF8"); }
  bool chunking() const { return has("CHUNKING"); }
  bool dsn() const { return has("DSN"); }
  bool enhanced_status_codes() const { return has("ENHANCEDSTATUSCODES"); }
  bool requiretls() const { return has("REQUIRETLS"); }
};

/// From the reply to EHLO. Lines that are no keyword are kept in `lines` alone.
Capabilities capabilities_of(const Reply& ehlo);

}  // namespace mailmedic::smtp
