#include "lib/tls/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailmedic::tls {

namespace {
constexpr Group known_groups[] = {
    {0x11EC, "X25519MLKEM768", 128, true},
    {0x11EB, "SecP256r1MLKEM768", 128, true},
    {0x11ED, "SecP384r1MLKEM1024", 192, true},
    {0x11EE, "curveSM2MLKEM768", 128, true},
    {0x6399, "X25519Kyber768Draft00", 128, true},
    {0x639A, "SecP256r1Kyber768Draft00", 128, true},
    {0x0200, "MLKEM512", 128, true},
    {0x0201, "MLKEM768", 192, true},
    {0x0202, "MLKEM1024", 256, true},
    {0x001D, "x25519", 128},
    {0x0017, "secp256r1", 128},
    {0x0018, "secp384r1", 192},
    {0x0019, "secp521r1", 256},
    {0x001E, "x448", 224},
    {0x001F, "brainpoolP256r1tls13", 128},
    {0x0020, "brainpoolP384r1tls13", 192},
    {0x0021, "brainpoolP512r1tls13", 256},
    {0x001A, "brainpoolP256r1", 128},
    {0x001B, "brainpoolP384r1", 192},
    {0x001C, "brainpoolP512r1", 256},
    {0x0100, "ffdhe2048", 103},
    {0x0101, "ffdhe3072", 125},
    {0x0102, "ffdhe4096", 150},
    {0x0103, "ffdhe6144", 175},
    {0x0104, "ffdhe8192", 192},
    {0x0022, "GC256A", 128},
    {0x0023, "GC256B", 128},
    {0x0024, "GC256C", 128},
    {0x0025, "GC256D", 128},
    {0x0026, "GC512A", 256},
    {0x0027, "GC512B", 256},
    {0x0028, "GC512C", 256},
    {0x0029, "curveSM2", 128},
    {0x0016, "secp256k1", 128},
    {0x0015, "secp224r1", 112},
    {0x0014, "secp224k1", 112},
    {0x0013, "secp192r1", 96},
    {0x0012, "secp192k1", 96},
    {0x0011, "secp160r2", 80},
    {0x0010, "secp160r1", 80},
    {0x000F, "secp160k1", 80},
    {0x000E, "sect571r1", 256},
    {0x000D, "sect571k1", 256},
    {0x000C, "sect409r1", 192},
    {0x000B, "sect409k1", 192},
    {0x000A, "sect283r1", 128},
    {0x0009, "sect283k1", 128},
    {0x0008, "sect239k1", 119},
    {0x0007, "sect233r1", 116},
    {0x0006, "sect233k1", 116},
    {0x0005, "sect193r2", 96},
    {0x0004, "sect193r1", 96},
    {0x0003, "sect163r2", 80},
    {0x0002, "sect163r1", 80},
    {0x0001, "sect163k1", 80},
};

constexpr std::pair<int, std::string_view> alerts[] = {
    {0, "close_notify"}, {10, "unexpected_message"}, {20, "bad_record_mac"}, {21, "decryption_failed"}, {22, "record_overflow"},
    {30, "decompression_failure"}, {40, "handshake_failure"}, {41, "no_certificate"}, {42, "bad_certificate"}, {43, "unsupported_certificate"},
    {44, "certificate_revoked"}, {45, "certificate_expired"}, {46, "certificate_unknown"}, {47, "illegal_parameter"}, {48, "unknown_ca"},
    {49, "access_denied"}, {50, "decode_error"}, {51, "decrypt_error"}, {60, "export_restriction"}, {70, "protocol_version"},
    {71, "insufficient_security"}, {80, "internal_error"}, {86, "inappropriate_fallback"}, {90, "user_canceled"}, {100, "no_renegotiation"},
    {109, "missing_extension"}, {110, "unsupported_extension"}, {111, "certificate_unobtainable"}, {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"}, {114, "bad_certificate_hash_value"}, {115, "unknown_psk_identity"},
    {116, "certificate_required"}, {120, "no_application_protocol"}, {121, "ech_required"}};

struct Ssl2Suite {
  std::uint32_t number;
  std::string_view name;
};
constexpr Ssl2Suite ssl2_table[] = {
    {0x0700C0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"}, {0x0701C0, "SSL_CK_DES_192_EDE3_CBC_WITH_SHA"},
    {0x050080, "SSL_CK_IDEA_128_CBC_WITH_MD5"},     {0x030080, "SSL_CK_RC2_128_CBC_WITH_MD5"},
    {0x010080, "SSL_CK_RC4_128_WITH_MD5"},          {0x080080, "SSL_CK_RC4_64_WITH_MD5"},
    {0x060040, "SSL_CK_DES_64_CBC_WITH_MD5"},       {0x060140, "SSL_CK_DES_64_CBC_WITH_SHA"},
    {0x040080, "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5"}, {0x020080, "SSL_CK_RC4_128_EXPORT40_WITH_MD5"},
    {0x000000, "SSL_CK_NULL_WITH_MD5"},             {0xFF8010, "SSL_CK_NULL"}};

const CipherSuite* find_suite(std::uint16_t number) {
  const auto all = cipher_suites();
  const auto at = std::lower_bound(all.begin(), all.end(), number, [](const CipherSuite& s, std::uint16_t n) { return s.number < n; });
  return at != all.end() && at->number == number ? &*at : nullptr;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

int key_bits(std::string_view cipher) {
  if (has(cipher, "NULL")) return 0;
  if (has(cipher, "EXPORT_") || has(cipher, "_40") || has(cipher, "DES40")) return 40;
  if (has(cipher, "3DES")) return 168;
  if (has(cipher, "DES_") || has(cipher, "_56")) return 56;
  if (has(cipher, "256") && !has(cipher, "128")) return 256;
  if (has(cipher, "CHACHA20") || has(cipher, "AES_256") || has(cipher, "CAMELLIA_256") || has(cipher, "ARIA_256")) return 256;
  return has(cipher, "28147") || has(cipher, "KUZNYECHIK") || has(cipher, "MAGMA") ? 256 : 128;
}

KeyExchange exchange_of(std::string_view way) {
  if (has(way, "ECDHE") || has(way, "ECDH_anon") || has(way, "ECCPWD")) return KeyExchange::ecdh;
  if (has(way, "ECDH_")) return KeyExchange::ecdh_static;
  if (has(way, "DHE") || has(way, "DH_anon")) return KeyExchange::dh;
  if (has(way, "DH_")) return KeyExchange::dh_static;
  return way.starts_with("TLS_RSA") || way.starts_with("SSL_RSA") ? KeyExchange::rsa : KeyExchange::other;
}
}  // namespace

std::string version_text(std::uint16_t number) {
  switch (static_cast<Version>(number)) {
    case Version::ssl2: return "SSLv2";
    case Version::ssl3: return "SSLv3";
    case Version::tls1_0: return "TLSv1";
    case Version::tls1_1: return "TLSv1.1";
    case Version::tls1_2: return "TLSv1.2";
    case Version::tls1_3: return "TLSv1.3";
  }
  return fmt::format("0x{:04x}", number);
}

std::string suite_text(std::uint16_t number) {
  const CipherSuite* suite = find_suite(number);
  return suite ? std::string(suite->name) : fmt::format("0x{:04X}", number);
}

SuiteTraits traits_of(std::string_view name) {
  SuiteTraits out;
  const auto with = name.find("_WITH_");
  if (with == std::string_view::npos) {  // TLS 1.3 names the cipher alone; the two of RFC 9150 do not encrypt
    out.since = Version::tls1_3;
    out.exchange = KeyExchange::any;
    out.forward_secret = out.aead = true;
    out.plaintext = name.starts_with("TLS_SHA");
    out.bits = out.plaintext ? 0 : key_bits(name);
    return out;
  }
  const std::string_view way = name.substr(0, with), cipher = name.substr(with + 6);
  out.exchange = exchange_of(way);
  out.export_grade = has(way, "EXPORT");
  out.anonymous = has(way, "anon") || way == "TLS_NULL";
  out.certificate = !out.anonymous && !has(way, "KRB5") && (!has(way, "PSK") || has(way, "RSA_PSK")) && way != "TLS_SRP_SHA" && way != "TLS_ECCPWD";
  out.forward_secret = (out.exchange == KeyExchange::dh || out.exchange == KeyExchange::ecdh || has(way, "CECPQ1")) && !out.export_grade;
  out.ecdsa = has(way, "ECDSA");
  out.plaintext = cipher.starts_with("NULL");
  out.rc4 = has(cipher, "RC4");
  out.rc2 = has(cipher, "RC2");
  out.triple_des = has(cipher, "3DES");
  out.des = !out.triple_des && cipher.starts_with("DES");
  out.md5 = has(cipher, "MD5");
  out.cbc = has(cipher, "CBC");
  out.aead = has(cipher, "GCM") || has(cipher, "CCM") || has(cipher, "POLY1305") || has(cipher, "MGM");
  out.bits = out.export_grade && has(way, "EXPORT1024") ? 56 : out.export_grade ? 40 : key_bits(cipher);
  // RFC 5246 section 1.2: suites with another digest than SHA-1 and MD5, and AEAD, came with TLS 1.2.
  const bool new_digest = cipher.ends_with("SHA256") || cipher.ends_with("SHA384");
  if (out.aead || (new_digest && !has(way, "PSK")) || has(way, "CECPQ1") || has(way, "341112")) out.since = Version::tls1_2;
  else if (new_digest || out.exchange == KeyExchange::ecdh || out.exchange == KeyExchange::ecdh_static) out.since = Version::tls1_0;
  return out;
}

SuiteTraits traits_of(std::uint16_t number) { return traits_of(suite_text(number)); }

bool is_of(const CipherSuite& suite, Version version) {
  const Version since = traits_of(suite.name).since;
  return version == Version::tls1_3 ? since == version : since <= version && suite.number != 0;
}

std::span<const Group> groups() { return known_groups; }

const Group* group_of(std::uint16_t number) {
  const auto at = std::find_if(std::begin(known_groups), std::end(known_groups), [&](const Group& g) { return g.number == number; });
  return at == std::end(known_groups) ? nullptr : at;
}

std::string group_text(std::uint16_t number) {
  const Group* group = group_of(number);
  return group ? std::string(group->name) : fmt::format("0x{:04X}", number);
}

std::string alert_text(int code) {
  for (const auto& [number, name] : alerts)
    if (number == code) return std::string(name);
  return fmt::format("alert_{}", code);
}

std::string ssl2_suite_text(std::uint32_t number) {
  for (const Ssl2Suite& suite : ssl2_table)
    if (suite.number == number) return std::string(suite.name);
  return fmt::format("0x{:06X}", number);
}

std::span<const std::uint32_t> ssl2_suites() {
  static const auto numbers = [] {
    std::array<std::uint32_t, std::size(ssl2_table)> out{};
    std::transform(std::begin(ssl2_table), std::end(ssl2_table), out.begin(), [](const Ssl2Suite& s) { return s.number; });
    return out;
  }();
  return numbers;
}

}  // namespace mailmedic::tls
