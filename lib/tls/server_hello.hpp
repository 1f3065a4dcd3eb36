#pragma once
// What a server says to a ClientHello, up to the point where it waits for us. Pure, bounded, and ready for any bytes.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/tls/registry.hpp"

namespace mailmedic::tls {

struct ServerAnswer {
  enum class Kind {
    none,        ///< nothing that could be read yet
    hello,       ///< a ServerHello
    retry,       ///< a HelloRetryRequest (TLS 1.3): suite and group are chosen, a share of the group is wanted
    alert,       ///< a fatal alert: no
    ssl2_hello,  ///< a SERVER-HELLO of SSLv2
    not_tls,     ///< the first bytes are neither a TLS record nor one of SSLv2: `stray` has them
    malformed,   ///< TLS, and broken: `why`
  };
  Kind kind = Kind::none;
  std::uint16_t version = 0;  ///< that the server chose
  std::uint16_t suite = 0;
  std::uint16_t group = 0;    ///< of the key exchange, where the server named one
  int dh_bits = 0;            ///< size of a finite field's prime, TLS 1.2 and older
  int export_rsa_bits = 0;    ///< size of a temporary RSA key
  std::uint16_t signature = 0;  ///< scheme of the signed key exchange, TLS 1.2
  unsigned compression = 0;
  bool secure_renegotiation = false, extended_master_secret = false, encrypt_then_mac = false, tickets = false;
  bool stapled = false;               ///< an OCSP response was sent, TLS 1.2 and older
  bool certificate_requested = false; ///< TLS 1.2 and older
  std::vector<std::string> chain;     ///< DER as sent, TLS 1.2 and older, or the one of SSLv2; at most 20
  std::vector<std::uint32_t> ssl2_suites;
  int alert = -1;
  std::vector<int> warnings;          ///< alerts that were no end
  std::string stray;                  ///< at most 512 bytes
  std::string why;

  bool chose() const { return kind == Kind::hello || kind == Kind::retry; }
};

/// Takes the server's bytes as they come.
class AnswerParser {
 public:
  /// Takes at most 256 KiB in all; what is longer is malformed.
  void feed(std::string_view bytes);
  /// Nothing further is to be expected before we speak, or nothing further can be read.
  bool is_done() const { return done_; }
  const ServerAnswer& answer() const { return answer_; }

 private:
  void take_records();
  void take_ssl2();
  void take_alert(std::string_view content);
  void take_messages();
  void take_message(unsigned type, std::string_view body);
  void fail(std::string why);

  std::string bytes_, messages_;
  std::size_t total_ = 0;
  bool begun_ = false, done_ = false;
  ServerAnswer answer_;
};

}  // namespace mailmedic::tls
