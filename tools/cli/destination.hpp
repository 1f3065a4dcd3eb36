#pragma once
#include <optional>
#include <string>

#include "lib/dns/name.hpp"
#include "lib/net/address.hpp"
#include "lib/smtp/dialogue.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::cli {

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
  bool is_mail = true;                  ///< not with tls://, which is any server
};

/// DOMAIN, HOST:PORT, ADDRESS, [ADDRESS]:PORT, smtp://, submission://, smtps://, lmtp:// and tls:// HOST[:PORT], unix:/PATH,
/// lmtp:unix:/PATH. Port 465 without a scheme is TLS from the first byte (RFC 8314 section 3.3). The error names the input.
text::Parsed<Destination> parse_destination(const std::string& written);

}  // namespace mailmedic::cli
