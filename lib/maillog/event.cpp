#include "lib/maillog/event.hpp"

namespace mailmedic::maillog {

std::string_view kind_text(Kind kind) {
  static constexpr std::string_view texts[kinds] = {"none", "accepted", "sender", "delivered", "forwarded", "deferred", "bounced", "rejected", "expired", "removed"};
  return texts[static_cast<int>(kind)];
}

}  // namespace mailmedic::maillog
