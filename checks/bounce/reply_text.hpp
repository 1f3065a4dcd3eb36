#pragma once
#include <string_view>

#include "lib/message/delivery_report.hpp"

namespace mailmedic::bounce {

/// What a pasted text says: a reply of one line or several, bare or as a log or a bounce quotes it ("host NAME[ADDR] said:
/// ... (in reply to RCPT TO command)", "Remote host said:", "smtp; 550 ..."). Numbers within links are no codes.
message::RecipientReport read_reply(std::string_view text);

}  // namespace mailmedic::bounce
