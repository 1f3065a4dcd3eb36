#pragma once
// The value of From, To and the like with display names, and whether it follows the grammar. Pure.
#include <string>
#include <string_view>
#include <vector>

namespace mailmedic::message {

struct Mailbox {
  std::string name;     ///< the display name as written, without quotes; encoded words are not decoded
  std::string address;  ///< "joe@example.org", as written
};

struct AddressList {
  std::vector<Mailbox> mailboxes;  ///< at most 1,000
  bool group = false;              ///< "undisclosed-recipients:;"
  std::string problem;             ///< the first thing that RFC 5322 section 3.4 does not allow, in English; empty: none
};

/// Never fails: what can't be read is a problem. Nothing is a problem in an empty value.
AddressList address_list_of(std::string_view value);

/// Why "joe@example.org" is no addr-spec (RFC 5322 section 3.4.1; UTF-8 by RFC 6532), in English; empty: it is one.
std::string problem_of_address(std::string_view address);

}  // namespace mailmedic::message
