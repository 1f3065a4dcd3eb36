#pragma once
#include <memory>
#include <optional>

#include "checks/receivers/rules.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// The receivers whose requirements a run is held against, and what they ask for.
struct WantedReceivers {
  std::shared_ptr<const receivers::Rules> rules;  ///< null: nobody's
  receivers::Profile profile{};
};

/// --profile and --bulk; `subject` is what is held against them: "the domain", "the message".
void add_profile_options(CommandLine& line, const std::string& subject);
/// --bulk alone means all receivers. The error names a receiver that is not known, or what is wrong with the data file.
text::Parsed<WantedReceivers> wanted_receivers(const CommandLine& line);

}  // namespace mailmedic::cli
