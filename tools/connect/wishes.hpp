#pragma once
#include <optional>
#include <string>

#include "lib/net/address.hpp"
#include "lib/smtp/prober.hpp"
#include "tools/cli/command_line.hpp"
#include "tools/connect/destination.hpp"

namespace mailmedic::connect {

/// How far to go, and what to say on the way.
struct Wishes {
  smtp::ProbeRequest pattern;       ///< without a destination
  net::Families families;
  bool without_starttls = false;    ///< --no-starttls

  smtp::ProbeRequest request(const Destination& destination, const std::string& host, const net::Address& address) const;
  smtp::Stage last() const { return pattern.quit_after; }
};

void add_options(cli::CommandLine& line);

/// From the options; an error names the option and the remedy. Reads password and token from where the options say, or
/// asks for the password on the terminal; they are told to `line` as secrets.
text::Parsed<Wishes> read_wishes(cli::CommandLine& line);

}  // namespace mailmedic::connect
