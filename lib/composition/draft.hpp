#pragma once
// A message from its parts. RFC 5322, RFC 2045 to 2047, RFC 2231, RFC 6532 where an address is not ASCII.
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::composition {

/// "Zoë <zoe@example.org>": the address as the envelope has it, and the name for people.
struct Mailbox {
  std::string name, address;
};
/// A bare address or "Name <address>"; the name may stand in quotes. An error for what is neither.
text::Parsed<Mailbox> parse_mailbox(std::string_view text);

struct File {
  std::string name;        ///< without folders; UTF-8
  std::string type;        ///< "application/pdf"; empty: told from content and name
  std::string content;
  std::string content_id;  ///< of an inline image, as HTML names it behind "cid:"; empty: an attachment
};

struct Draft {
  Mailbox from;
  std::vector<Mailbox> to, cc;
  std::optional<Mailbox> reply_to;
  std::string subject, text, html;
  std::vector<File> files;
  std::vector<std::pair<std::string, std::string>> fields;  ///< further ones, UTF-8
  std::string unsubscribe_url, unsubscribe_mail;            ///< RFC 2369; with a URL also RFC 8058's one click
  std::string message_id;                                   ///< without angle brackets
  std::chrono::system_clock::time_point date;
};

/// The message, lines ending in CRLF, all bodies in 7 bits; header fields hold UTF-8 only where an address is not ASCII (then the
/// message needs SMTPUTF8). An error names the part that cannot be put into a message.
text::Parsed<std::string> compose(const Draft& draft);

/// Must the message travel with SMTPUTF8? RFC 6531 section 3.
bool needs_smtputf8(const Draft& draft);

/// "Wed, 25 Nov 2026 15:04:05 +0000". RFC 5322 section 3.3.
std::string mail_date(std::chrono::system_clock::time_point time);

/// What a file is, by its content, else by its name; "application/octet-stream" where neither tells.
std::string media_type(std::string_view content, std::string_view name);

}  // namespace mailmedic::composition
