#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lib/tls/handshake.hpp"

namespace mailmedic::tls {

class TrustStore;

enum class Protocol { tls1_0, tls1_1, tls1_2, tls1_3 };
std::string_view protocol_text(Protocol protocol);  ///< "TLSv1" ... "TLSv1.3"

/// A session that a server gave us to take up again later: by a ticket (RFC 8446 section 4.6.1, RFC 5077) or by its id (RFC 5246
/// section 7.4.1.2). Copies share it.
struct Resumable {
  std::shared_ptr<void> session{};    ///< OpenSSL's; null: there is none
  bool by_ticket = false;
  std::uint32_t lifetime_s = 0;       ///< as the server put it; 0: not told
  std::uint32_t early_data_bytes = 0; ///< that it would take before the handshake is over (0-RTT, RFC 8446 section 2.3)
};

/// What became of a handshake that we asked for anew within TLS 1.2 or older. RFC 5246 section 7.4.1.1.
enum class Renegotiation {
  none,     ///< not asked for
  pending,  ///< no answer yet
  taken,    ///< a second handshake went through
  refused,  ///< by an alert, or by ending the connection
};

/// What a client puts into its ClientHello. The default is as broad as an opportunistic sender could ever be
/// (RFC 7435): every protocol from TLS 1.0 and every authenticated cipher suite, so that old servers are seen too.
struct Offer {
  std::string host{};  ///< for SNI; not sent when empty or an address literal (RFC 6066 section 3)
  Protocol oldest = Protocol::tls1_0, newest = Protocol::tls1_3;
  std::string ciphers{};  ///< TLS 1.2 and older, in OpenSSL's language; empty: all with a certificate
  std::string groups{};   ///< in OpenSSL's language; empty: the library's
  std::shared_ptr<void> resume{};  ///< a Resumable's session; null: a full handshake
  bool collects = false;           ///< ask for a session to take up again
  std::string alpn{};     ///< the one application protocol to name (RFC 7301), "http/1.1"; empty: none
};

/// What a login can be bound to, so that it holds for this session alone. RFC 5056.
struct ChannelBinding {
  std::string type;   ///< "tls-exporter" (RFC 9266, for TLS 1.3) or "tls-unique" (RFC 5929 section 3, before)
  std::string bytes;  ///< empty: there is none
};

/// A TLS client without I/O: bytes of the network go in and come out as strings.
class Session {
 public:
  enum class State { handshaking, open, closed, failed };

  explicit Session(const Offer& offer);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  State state() const;
  /// Bytes that came from the peer. Bytes of any content are fine.
  void receive(std::string_view bytes);
  /// The connection ended, or our limit passed, before the handshake was over.
  void fail(Failure failure, std::string error);
  /// Text to send once the session is open.
  void send(std::string_view plaintext);
  /// Bytes for the peer; to be taken and sent after each call of the functions above, and once at the start.
  std::string take_output();
  /// Text that the peer sent.
  std::string take_plaintext();
  /// What is known of the handshake so far; verification and duration are not filled in.
  Handshake facts() const;
  /// The last one that came, with TLS 1.3 after the handshake. Only where the offer said so.
  Resumable resumable() const;
  /// Asks for a second handshake; has no effect with TLS 1.3, which knows none, nor before the first is over.
  void renegotiate();
  Renegotiation renegotiation() const;
  /// Of an open session.
  ChannelBinding channel_binding() const;

 private:
  friend void prepare(const TrustStore& store);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Loads OpenSSL's configuration, what all sessions share, and the store, which else happens between a server's "go ahead" and
/// our ClientHello: for a thread of its own while others wait for the network.
void prepare(const TrustStore& store);

}  // namespace mailmedic::tls
