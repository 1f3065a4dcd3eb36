#pragma once
// MAIL and RCPT with their parameters.
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/smtp/capabilities.hpp"

namespace mailmedic::smtp {

/// What a message would ask of the server beyond being delivered. Each needs an extension.
struct MailWishes {
  std::optional<std::uint64_t> size{};  ///< octets; RFC 1870
  bool eight_bit = false;               ///< BODY=8BITMIME; RFC 6152
  bool utf8 = false;                    ///< SMTPUTF8; RFC 6531
  bool require_tls = false;             ///< REQUIRETLS; RFC 8689
  std::string ret{};                    ///< FULL or HDRS; RFC 3461 section 4.3
  std::string envid{};                  ///< in clear; sent as xtext
  std::string notify{};                 ///< NEVER, or some of SUCCESS,FAILURE,DELAY
  std::string orcpt{};                  ///< an address; sent as rfc822 and xtext

  auto operator<=>(const MailWishes&) const = default;
};

/// RFC 3461 section 4: "+", "=" and what is no printable ASCII become "+XX".
std::string xtext(std::string_view text);

/// The commands with those parameters whose extension is offered. Names of the extensions that are asked for and not
/// offered are appended to `not_offered`, each once. Without capabilities (HELO) nothing is offered.
std::string mail_command(std::string_view sender, const MailWishes& wishes, const Capabilities* offered, std::vector<std::string>& not_offered);
std::string rcpt_command(std::string_view recipient, const MailWishes& wishes, const Capabilities* offered, std::vector<std::string>& not_offered);

/// Must a message with these wishes stay unsent where the extension is missing? RFC 6531 section 3.4, RFC 8689 section 4.2.
bool is_indispensable(std::string_view extension);

/// XCLIENT commands, none longer than 512 octets, of the attributes that the server names; the others are appended to
/// `not_offered` as "XCLIENT NAME". Postfix XCLIENT_README.
std::vector<std::string> xclient_commands(const std::vector<std::pair<std::string, std::string>>& attributes, const Capabilities& offered,
                                          std::vector<std::string>& not_offered);

}  // namespace mailmedic::smtp
