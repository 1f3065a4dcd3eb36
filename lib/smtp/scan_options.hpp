#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/connect_to.hpp"
#include "lib/smtp/dialogue.hpp"

namespace mailmedic::smtp {

/// How gently a server's TLS is looked at.
struct ScanOptions {
  std::chrono::steady_clock::duration timeout = std::chrono::seconds(8);  ///< for each step of a connection
  std::chrono::steady_clock::duration pace{0};  ///< between the starts of two connections to one address
  int at_once = 4;                              ///< connections to one address
  std::optional<net::Address> bind_address{};
  std::vector<net::ConnectTo> connect_to{};
  std::string helo{};                           ///< empty: the address literal of the connection (RFC 5321 section 4.1.3)
};

struct ScanRequest {
  net::Endpoint endpoint;
  std::string host{};  ///< for SNI; may be empty
  Encryption encryption = Encryption::starttls_required;  ///< or implicit, for any server that speaks TLS at once
  bool speaks_smtp = true;                                ///< false: TLS with something else behind it
};

}  // namespace mailmedic::smtp
