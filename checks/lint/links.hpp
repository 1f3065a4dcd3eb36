#pragma once
#include <optional>
#include <string>
#include <vector>

#include "checks/lint/letter.hpp"
#include "lib/net/address.hpp"

namespace mailmedic::lint {

/// A link of the message.
struct Link {
  std::string url;                        ///< as written, without white space at its ends
  std::string text;                       ///< what people see; empty for a link in plain text
  std::string scheme;                     ///< lower case
  std::string user_info, port;            ///< empty where there is none
  std::string host;                       ///< as written
  std::optional<dns::Name> name{};        ///< of a host that is a name
  std::optional<net::Address> address{};  ///< of one that is an address
};

/// Every http, https and ftp link, of the HTML, then of the plain text; each URL and text once. At most 500.
std::vector<Link> links_of(const Letter& letter);

/// The parts of an absolute URL with a host: RFC 3986 section 3. Nothing for any other.
std::optional<Link> read_url(std::string_view url);

}  // namespace mailmedic::lint
