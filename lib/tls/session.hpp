#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "lib/tls/handshake.hpp"

namespace mailmedic::tls {

enum class Protocol { tls1_0, tls1_1, tls1_2, tls1_3 };

/// What a client puts into its ClientHello. The default is as broad as an opportunistic sender could ever be
/// (RFC 7435): every protocol from TLS 1.0 and every authenticated cipher suite, so that old servers are seen too.
struct Offer {
  std::string host{};  ///< for SNI; not sent when empty or an address literal (RFC 6066 section 3)
  Protocol oldest = Protocol::tls1_0, newest = Protocol::tls1_3;
  std::string ciphers{};  ///< TLS 1.2 and older, in OpenSSL's language; empty: all with a certificate
  std::string groups{};   ///< in OpenSSL's language; empty: the library's
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
  /// Of an open session.
  ChannelBinding channel_binding() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailmedic::tls
