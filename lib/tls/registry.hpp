#pragma once
// What the numbers of TLS stand for: versions, cipher suites and groups of IANA's registries. Facts, no judgement.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mailmedic::tls {

/// As it stands on the wire.
enum class Version : std::uint16_t { ssl2 = 0x0002, ssl3 = 0x0300, tls1_0 = 0x0301, tls1_1 = 0x0302, tls1_2 = 0x0303, tls1_3 = 0x0304 };

/// "SSLv2", "SSLv3", "TLSv1", "TLSv1.1", as Handshake::protocol has them; "0x7f12" for another number.
std::string version_text(std::uint16_t number);
inline std::string version_text(Version version) { return version_text(static_cast<std::uint16_t>(version)); }

struct CipherSuite {
  std::uint16_t number;
  std::string_view name;  ///< "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
};

/// Every suite of the registry, by number; signalling values are none.
std::span<const CipherSuite> cipher_suites();

/// Its name, or "0xABCD".
std::string suite_text(std::uint16_t number);

/// How the two sides come to a key.
enum class KeyExchange { rsa, dh_static, dh, ecdh_static, ecdh, other, any /* TLS 1.3: the group says */ };

/// What a suite's name says.
struct SuiteTraits {
  Version since = Version::ssl3;  ///< the oldest version that it may be used with
  KeyExchange exchange = KeyExchange::other;
  bool certificate = true;        ///< the server proves who it is with a certificate
  bool anonymous = false;         ///< nobody proves anything
  bool forward_secret = false;    ///< a key exchange of its own for each connection
  bool ecdsa = false;             ///< with an ECDSA key
  bool plaintext = false;         ///< no encryption at all
  bool export_grade = false;      ///< weakened on purpose, before the year 2000
  bool rc4 = false, rc2 = false, des = false, triple_des = false, md5 = false;
  bool cbc = false, aead = false;
  int bits = 0;                   ///< of the cipher's key
};
SuiteTraits traits_of(std::string_view name);
SuiteTraits traits_of(std::uint16_t number);

/// May TLS of this version negotiate the suite? TLS 1.3 has suites of its own (RFC 8446 section B.4).
bool is_of(const CipherSuite& suite, Version version);

struct Group {
  std::uint16_t number;
  std::string_view name;      ///< "x25519", "secp256r1", "ffdhe2048", "X25519MLKEM768"
  int bits;                   ///< strength against a classical computer; 0: not said
  bool post_quantum = false;  ///< holds against a quantum computer as well
};

/// IANA's registry "TLS Supported Groups", strongest hybrids first, in the order in which we ask for them.
std::span<const Group> groups();
/// Null for a number that is not in it.
const Group* group_of(std::uint16_t number);
/// Its name, or "0xABCD".
std::string group_text(std::uint16_t number);

/// RFC 8446 section 6 and the registry "TLS Alerts": "handshake_failure"; "alert_17" for an unknown one.
std::string alert_text(int code);

/// A suite of SSLv2: three bytes. Its name, or "0xABCDEF".
std::string ssl2_suite_text(std::uint32_t number);
std::span<const std::uint32_t> ssl2_suites();

}  // namespace mailmedic::tls
