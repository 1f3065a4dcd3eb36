#pragma once
// Tests of a server's conduct that an ordinary conversation does not show. All but `pipelining` are an intrusion: they are
// for one's own servers, and run only when they are asked for by name.
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/smtp/network_prober.hpp"

namespace mailmedic::smtp {

enum class Trial {
  pipelining,          ///< are commands sent in one go answered in order? RFC 2920 section 3.1
  early_talk,          ///< what happens to a client that speaks before the greeting? RFC 5321 section 4.3.1
  relay,               ///< is mail for somebody else's recipient taken? RFC 2505 section 2.1
  starttls_injection,  ///< is clear text behind STARTTLS acted on within TLS? CVE-2011-0411, RFC 3207 section 6
  smuggling,           ///< does a line end other than CRLF end the message? RFC 5321 section 2.3.8, CVE-2023-51764
  vrfy,                ///< do VRFY and EXPN tell who has a mailbox? RFC 5321 sections 3.5.3 and 7.3
  postmaster,          ///< is mail to postmaster taken? RFC 5321 section 4.5.1
};
std::string_view trial_word(Trial trial);  ///< "starttls-injection"
std::optional<Trial> parse_trial(std::string_view word);

struct TrialRequest {
  net::Endpoint endpoint;
  std::string host;        ///< name for SNI; may be empty
  Encryption encryption = Encryption::starttls_if_offered;
  std::string domain;      ///< of the recipients that the server is for
  std::string sender;      ///< empty: the null sender
  std::string recipient;   ///< of the server's own domain; for smuggling, which delivers where it succeeds
  std::string relay_to;    ///< an address that the server is not for
};

/// One thing tried, and what was answered.
struct TrialStep {
  std::string form;            ///< what was tried, for people
  std::optional<Reply> reply;  ///< nothing: silence until the end of the wait, or the end of the connection
  bool is_plain_relay = false; ///< of `relay`: RCPT with the foreign address as it is
};

/// What was seen, as far as the server went along.
struct TrialSeen {
  Trial trial;
  bool was_performed = false;  ///< the steps show what they are there for; else `why` says what stood in the way
  std::string why;
  std::vector<TrialStep> steps;
  Transcript transcript;
};

/// One connection; for `smuggling` one a wrong end. Never throws for what the network does; bounded in time and bytes as a
/// probe is. Sends no message, save in `smuggling` to a server that takes a wrong line end for the end of a message.
asio::awaitable<TrialSeen> try_server(Trial trial, TrialRequest request, const NetworkOptions& options, const tls::TrustStore& store,
                                      std::chrono::system_clock::time_point now);

/// Sender and recipient of one attempt to relay.
struct RelayForm {
  std::string sender, recipient;
  bool is_plain;  ///< the foreign address as it is; the others are forms that old servers took for addresses of their own
};
/// RFC 2505 section 2.1.
std::vector<RelayForm> relay_forms(const TrialRequest& request);

/// Ends of a message that must not be taken for one, each with its name: "LF . CRLF".
const std::vector<std::pair<std::string, std::string>>& wrong_ends();

}  // namespace mailmedic::smtp
