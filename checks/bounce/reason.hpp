#pragma once
// Why mail did not arrive: the finer reasons, the coarse class of each, and what they mean for the next attempt.
#include <optional>
#include <span>
#include <string_view>

namespace mailmedic::bounce {

/// When the same message to the same address may get through.
enum class Retry {
  later,         ///< by itself: a queue that tries again will do
  after_change,  ///< after somebody changed something; until then each attempt fails
  never,         ///< the address takes no mail: off the list with it
};
std::string_view retry_word(Retry retry);  ///< "later", "after-change", "never"

struct Reason {
  std::string_view id;         ///< "unknown-recipient"; the finding is "bounce.unknown-recipient"
  std::string_view finding;
  std::string_view category;   ///< the class in the report's facts: recipient, mailbox-full, disabled, domain ...
  Retry retry;

  /// A hard bounce: the address itself is dead. Everything else may be mended or passes.
  bool hard() const { return retry == Retry::never; }
};

std::span<const Reason> all_reasons();
/// Null when there is none of that id.
const Reason* find_reason(std::string_view id);

}  // namespace mailmedic::bounce
