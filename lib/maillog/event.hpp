#pragma once
// What one line of a mail server's log says happened. Views into the line; nothing is judged here.
#include <cstdint>
#include <string_view>

namespace mailmedic::maillog {

enum class Kind : std::uint8_t {
  none,       ///< nothing that is counted
  accepted,   ///< a message came in, from outside or from a program of this host
  sender,     ///< the envelope sender of a queue id became known
  delivered,  ///< handed on or put into a mailbox, one event a recipient
  forwarded,  ///< to another address of this server, which is a message of its own
  deferred,   ///< to be tried again, one event a recipient and attempt
  bounced,    ///< given up, one event a recipient
  rejected,   ///< refused by this server while a client talked to it
  expired,    ///< given up after the longest time in the queue, one event a message
  removed,    ///< the queue id is free again
};
inline constexpr int kinds = 10;
std::string_view kind_text(Kind kind);  ///< "delivered"

/// Every text as written in the log; empty where the line has no such thing.
struct Event {
  Kind kind = Kind::none;
  std::uint32_t recipients = 1;  ///< that the line is about; `recipient` is the first
  bool has_sender = false;       ///< `sender` was said, be it empty (a bounce)
  std::string_view queue_id{};
  std::string_view sender{};     ///< without angle brackets
  std::string_view recipient{};  ///< without angle brackets
  std::string_view relay{};      ///< "mx.example.org[192.0.2.1]:25": who was spoken to; for `rejected` the client
  std::string_view source{};     ///< the own address that was spoken from, where the log tells it
  std::string_view status{};     ///< enhanced status code, "5.1.1"; RFC 3463
  std::string_view stage{};      ///< the command that was answered, "RCPT TO"
  std::string_view text{};       ///< the reply or the reason
};

}  // namespace mailmedic::maillog
