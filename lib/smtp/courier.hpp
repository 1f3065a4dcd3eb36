#pragma once
// Hands a message over: MAIL, RCPT, DATA or BDAT on a connection that a Session has opened. RFC 5321 section 3.3, PIPELINING by
// RFC 2920, CHUNKING by RFC 3030, LMTP by RFC 2033.
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "lib/smtp/network_prober.hpp"

namespace mailmedic::smtp {

/// A message and its envelope.
struct Letter {
  std::string sender;                   ///< empty: the null sender
  std::vector<std::string> recipients;  ///< at least one
  std::string message;                  ///< lines end in CRLF
  MailWishes wishes{};                  ///< ORCPT is said of each recipient where `orcpt` is not empty
  bool chunking = false;                ///< BDAT where it is offered
  /// For the reply to the end of the message. RFC 5321 section 4.5.3.2.6 has ten minutes: who gives up sooner may deliver twice.
  std::chrono::seconds patience{600};
};

/// What became of one recipient.
struct Handover {
  enum class Outcome {
    accepted,  ///< the server has taken responsibility
    deferred,  ///< 4yz: try again
    refused,   ///< 5yz
    unknown,   ///< no reply: before the end of the message nothing was delivered, after it perhaps
  };
  std::string recipient;
  Outcome outcome = Outcome::unknown;
  Stage stage = Stage::connect;  ///< whose reply decided
  std::optional<Reply> reply{};
  std::string queue_id{};        ///< as the server says it; empty where it does not
};
std::string_view outcome_text(Handover::Outcome outcome);

struct Delivery {
  Probe probe;                     ///< the connection up to the login; its cause where it stopped before
  std::vector<Handover> recipients;
  bool end_was_sent = false;       ///< the message went out whole
  bool used_chunking = false;
  std::chrono::microseconds took{0};
};

/// Delivers over one connection. Never throws for what the network does. The transcript holds commands and replies, not the
/// message.
asio::awaitable<Delivery> deliver(ProbeRequest route, Letter letter, const NetworkOptions& options, const tls::TrustStore& store,
                                  std::chrono::system_clock::time_point now);

/// With a dot in front of each that begins a line, and the end of the message behind it. RFC 5321 section 4.5.2.
std::string with_dots(std::string_view message);

/// The server's name for the message, out of its last reply: "250 2.0.0 Ok: queued as 4F2A1". Empty where none is seen.
std::string queue_id_of(const Reply& reply);

}  // namespace mailmedic::smtp
