#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "lib/tls/server_identity.hpp"

namespace mailmedic::tls {

/// What a server sees of a client's TLS.
struct ClientTls {
  std::string protocol;   ///< "TLSv1.3"; empty: the handshake is not done
  std::string cipher;     ///< the name in IANA's registry
  int cipher_bits = 0;    ///< strength of the symmetric cipher
  std::string sni;        ///< the name that the client asked for (RFC 6066 section 3); empty: none
  std::string error;      ///< why the handshake failed; empty: it did not
};

/// A TLS server without I/O: bytes of the network go in and come out as strings. No client certificate is asked for, and
/// no renegotiation taken.
class ServerSession {
 public:
  enum class State { handshaking, open, closed, failed };

  explicit ServerSession(const ServerIdentity& identity);
  ~ServerSession();
  ServerSession(ServerSession&&) noexcept;
  ServerSession& operator=(ServerSession&&) noexcept;

  State state() const;
  /// Bytes that came from the client, of any content.
  void receive(std::string_view bytes);
  /// Text to send once the session is open.
  void send(std::string_view plaintext);
  /// Bytes for the client; to be taken and sent after each call of the functions above.
  std::string take_output();
  /// Text that the client sent.
  std::string take_plaintext();
  ClientTls facts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailmedic::tls
