#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lib/net/address.hpp"
#include "lib/smtp/prober.hpp"
#include "lib/smtp/trial.hpp"
#include "tools/cli/command_line.hpp"
#include "tools/cli/destination.hpp"
#include "tools/cli/thresholds.hpp"

namespace mailmedic::connect {

/// How far to go, and what to say on the way.
struct Wishes {
  smtp::ProbeRequest pattern;       ///< without a destination
  net::Families families;
  bool without_starttls = false;    ///< --no-starttls
  std::vector<smtp::Trial> trials;  ///< --test: for one's own servers
  std::string relay_to;             ///< for the trial of relaying: an address that the server is not for
  std::string sender, recipient;    ///< for trials; may be empty
  std::string helo;                 ///< for trials; empty: our own name
  cli::Thresholds thresholds;

  smtp::ProbeRequest request(const cli::Destination& destination, const std::string& host, const net::Address& address) const;
  smtp::Stage last() const { return pattern.quit_after; }
};

void add_options(cli::CommandLine& line);

/// From the options; an error names the option and the remedy. Reads password and token from where the options say, or
/// asks for the password on the terminal; they are told to `line` as secrets.
text::Parsed<Wishes> read_wishes(cli::CommandLine& line);

}  // namespace mailmedic::connect
