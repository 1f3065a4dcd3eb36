#pragma once
// What receivers wrote about a message, in words. Pure.
#include <span>

#include "checks/check.hpp"
#include "lib/message/verdicts.hpp"

namespace mailmedic::verdict {

/// Findings about what the fields say, each once; and what Microsoft says in Authentication-Results (compauth). The verdicts
/// are of this message.
void judge(std::span<const message::Verdict> verdicts, const message::RawMessage& message, CheckReport& report);

}  // namespace mailmedic::verdict
