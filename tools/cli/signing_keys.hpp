#pragma once
#include <memory>
#include <string>
#include <vector>

#include "lib/dkim/signer.hpp"
#include "lib/dns/name.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// SELECTOR:FILE of --key.
struct NamedKey {
  std::string selector, file;
};

/// What --key names, each selector once; at least one. The error names the word and the remedy.
text::Parsed<std::vector<NamedKey>> keys_of(const CommandLine& line, const dns::Name& domain);

/// Reads the keys. A signer is for one thread: each has its own.
text::Parsed<std::unique_ptr<dkim::Signer>> signer_of(const dkim::SigningRules& rules, const std::vector<NamedKey>& keys);

}  // namespace mailmedic::cli
