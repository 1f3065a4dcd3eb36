#pragma once
#include <optional>
#include <string>

#include "lib/dns/name.hpp"
#include "lib/net/address.hpp"
#include "lib/smtp/dialogue.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::connect {

/// What the user pointed at: a domain (its MX are looked up), one host and port, or a UNIX socket.
struct Destination {
  std::string written;
  dns::Name name;
  std::optional<net::Address> address;  ///< given instead of a name
  std::optional<std::uint16_t> port;    ///< nothing: a domain's mail exchangers on 25, or the scheme's port
  std::string socket_path;              ///< of a UNIX socket
  smtp::Encryption encryption = smtp::Encryption::starttls_if_offered;
  bool is_host = false;                 ///< connect to this very host
  bool lmtp = false;
};

/// DOMAIN, HOST:PORT, ADDRESS, [ADDRESS]:PORT, smtp://, submission://, smtps:// and lmtp:// HOST[:PORT], unix:/PATH, lmtp:unix:/PATH.
text::Parsed<Destination> parse_destination(const std::string& written);

}  // namespace mailmedic::connect
