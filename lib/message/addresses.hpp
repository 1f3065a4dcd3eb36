#pragma once
// Addresses in a header field, and where the message came from by its trace fields. Pure.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/message/raw_message.hpp"

namespace mailmedic::message {

/// "joe@example.org" of each mailbox in the value of From and the like: display names, comments and groups left out.
/// RFC 5322 section 3.4. Reads at most 100.
std::vector<std::string> addresses_of(std::string_view value);

/// What one Received field says of the client. RFC 5321 section 4.4.
struct Client {
  std::string address;  ///< as written in brackets, without "IPv6:"
  std::string helo;     ///< the word behind "from"
};
std::optional<Client> client_of(std::string_view received);

}  // namespace mailmedic::message
