#pragma once
#include "lib/composition/draft.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::send {

/// A message and its envelope.
struct Outgoing {
  std::string sender;                   ///< of the envelope; empty: the null sender
  std::vector<std::string> recipients;  ///< of the envelope: To, Cc, Bcc
  std::string message;                  ///< CRLF; ready but for the signature
  bool needs_smtputf8 = false;
};

void add_options(cli::CommandLine& line);

/// From the options, --draft FILE.toml, or --eml FILE; the error names the option, or file and entry.
/// At least one; each address of --seed-list has one of its own.
text::Parsed<std::vector<Outgoing>> read_messages(const cli::CommandLine& line, std::chrono::system_clock::time_point now);

}  // namespace mailmedic::send
