#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/net/address.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::net {

/// "Who asks for HOST:PORT is connected to ADDR:PORT instead", as curl's option --connect-to has it.
struct ConnectTo {
  std::string host;                   ///< name or address; empty: any
  std::optional<std::uint16_t> port;  ///< nothing: any
  std::optional<Address> address;     ///< nothing: the one that was asked for
  std::optional<std::uint16_t> new_port;

  /// HOST:PORT:ADDR:PORT, where each part may be empty and IPv6 addresses stand in brackets. Other than in curl
  /// the new host must be an address: nothing is looked up on the way.
  static text::Parsed<ConnectTo> parse(std::string_view text);
};

/// Where to connect: by the first rule that fits, else `asked` itself. `host` is the name that `asked` was found by.
Endpoint redirected(const std::vector<ConnectTo>& rules, std::string_view host, const Endpoint& asked);

}  // namespace mailmedic::net
