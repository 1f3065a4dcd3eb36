#pragma once
// A reply as it is pasted: one line or several, bare or as a log or a bounce quotes it.
#include <string>
#include <string_view>

#include "lib/message/delivery_report.hpp"

namespace mailmedic::bounce {

/// The lines of a reply as one: line ends are blanks, and the codes that each line of a longer reply begins with
/// ("550-5.7.26 ...") stand once, at the start. RFC 5321 section 4.2.1, RFC 2034 section 4.
std::string unfolded(std::string_view reply);

/// The enhanced code in a text: "5.7.26", also as "#5.7.26"; empty where there is none. Parts of addresses and versions
/// are none. RFC 3463 section 2.
std::string status_in(std::string_view text);

/// What a pasted text says. Understood are bare replies, Postfix's "host NAME[ADDR] said: ... (in reply to RCPT TO
/// command)", Exim's "host NAME [ADDR]: ...", qmail's "Remote host said:", Exchange's "Remote server returned '...'".
/// Numbers within links are no codes.
message::RecipientReport read_reply(std::string_view text);

}  // namespace mailmedic::bounce
