#pragma once
// Looks at many messages on all cores.
#include "tools/cli/command_line.hpp"
#include "tools/cli/message_source.hpp"
#include "tools/message/look.hpp"

namespace mailmedic::cli {

/// Looks at what `source` has and writes the reports in its order, as they are done. `many`: several are expected. What
/// cannot be read is told on standard error. Gives the exit status.
int look_at_all(const MessageOrder& order, MessageSource& source, bool many, const Common& common);

}  // namespace mailmedic::cli
