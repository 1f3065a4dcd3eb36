#pragma once
// Proving who one is, without I/O: challenges in, responses out. RFC 4422.
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::sasl {

/// What a client may know. Secrets: for the wire alone, never for a report.
struct Credentials {
  std::string user{};
  std::optional<std::string> password{};
  std::optional<std::string> token{};  ///< OAuth 2.0 access token (RFC 6750)
  std::string host{};                  ///< the server's name; for OAUTHBEARER
  std::uint16_t port = 0;              ///< for OAUTHBEARER

  auto operator<=>(const Credentials&) const = default;
};

/// What ties a login to the TLS session that it goes through. RFC 5056.
struct ChannelBinding {
  std::string type;   ///< "tls-exporter" (RFC 9266) or "tls-unique" (RFC 5929 section 3)
  std::string bytes;
};

/// One mechanism at work.
class Mechanism {
 public:
  /// `name` in upper case, one of known_mechanisms(). An error says what the credentials lack, or what the library did.
  static text::Parsed<Mechanism> start(std::string_view name, const Credentials& credentials, const std::optional<ChannelBinding>& binding);
  ~Mechanism();
  Mechanism(Mechanism&&) noexcept;
  Mechanism& operator=(Mechanism&&) noexcept;

  /// Does the client speak first? Then answer("") gives the initial response.
  bool speaks_first() const;
  /// The response to a challenge, raw bytes both. An error says what is wrong with the challenge: then cancel. A mechanism
  /// that has said all it knows is an error too, so that no server can ask for ever.
  text::Parsed<std::string> answer(std::string_view challenge);
  /// What a server says instead of a challenge when it refuses an access token: JSON. RFC 7628 section 3.2.2.
  const std::string& server_error() const;
  /// For mechanisms that prove the server too (SCRAM): has it proven that it knows the password? RFC 5802 section 3.
  std::optional<bool> server_proven() const;

 private:
  struct Impl;
  explicit Mechanism(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Those that we speak, strongest first.
const std::vector<std::string_view>& known_mechanisms();

/// The strongest one that the server offers (upper case), that is among `wanted` (empty: any), and for which the
/// credentials and the connection suffice. Nothing: none.
std::optional<std::string> strongest(const std::vector<std::string>& offered, const std::vector<std::string>& wanted,
                                     const Credentials& credentials, bool can_bind);

/// Does it send the password or token so that whoever listens has it?
bool shows_secret(std::string_view mechanism);

}  // namespace mailmedic::sasl
