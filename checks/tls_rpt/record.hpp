#pragma once
// The TXT record at _smtp._tls. Pure: no DNS. RFC 8460 section 3.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/dns/name.hpp"
#include "lib/https/url.hpp"
#include "lib/text/tag_list.hpp"

namespace mailmedic::tls_rpt {

/// Must begin with exactly "v=TLSRPTv1" and a semicolon.
bool is_record(std::string_view text);
/// Was it meant as one, and is not read as one?
bool is_nearly_record(std::string_view text);

/// One destination of rua.
struct Destination {
  std::string text;                  ///< as written
  std::optional<dns::Name> mailbox;  ///< the domain of a mailto address
  std::optional<https::Url> url;     ///< of an https address
  std::string why;                   ///< why it cannot be used; empty when it can
};

struct Record {
  std::string text;
  bool has_rua = false;
  std::vector<Destination> destinations;
  std::vector<text::Tag> extensions;  ///< fields beyond v and rua: ignored by senders
};

/// At most so many destinations are read.
inline constexpr std::size_t max_destinations = 10;

/// An error for a text that is no list of fields.
text::Parsed<Record> parse_record(std::string_view text);

}  // namespace mailmedic::tls_rpt
