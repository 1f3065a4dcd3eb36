#pragma once
// What the words of a refusal give away: the reply code, the enhanced code, the command, the server, addresses. The
// formats of the world differ in where these stand, hardly in how they look.
#include <string>
#include <string_view>

namespace mailmedic::message {

/// Views into the words; empty where there is none.
struct Codes {
  std::string_view reply;   ///< "550". RFC 5321 section 4.2
  std::string_view status;  ///< "5.1.1". RFC 3463 section 2
  std::size_t at = 0;       ///< where the reply begins, or else the status; the length of the words where there is neither
};

/// The first reply code that stands where a code stands (so not "after 450 hours"), and the enhanced code at its side,
/// or else elsewhere in the words (so not a part of an address or of a version).
Codes codes_of(std::string_view words);

/// "5.1.1" at the start of `text`, as in the field Status, whatever follows; empty if it is none.
std::string_view status_at(std::string_view text);

/// The command that was refused, or what was done: CONN, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA; empty if unsaid.
std::string command_of(std::string_view words);

/// The server that the words are about, where they name one in front of what it said.
struct Server {
  std::string name, address;
};
Server server_of(std::string_view words);
/// The same, for those who know the codes of these words already.
Server server_of(std::string_view words, const Codes& codes);
bool is_ip_address(std::string_view text);

/// White space in one, at most `longest` bytes, and the code of a reply of several lines only once:
/// "550-5.7.1 a 550 5.7.1 b" is "550 5.7.1 a b".
std::string reply_in_one(std::string_view words, std::size_t longest = 2000);

/// "joe@example.org" and nothing else; also with a quoted local part, an address literal, UTF-8.
bool is_address(std::string_view text);

/// The first address in the words, in angle brackets or not; empty where there is none.
std::string_view address_in(std::string_view words);

}  // namespace mailmedic::message
