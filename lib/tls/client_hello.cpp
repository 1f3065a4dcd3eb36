#include "lib/tls/client_hello.hpp"

namespace mailmedic::tls {

namespace {
std::string u8(unsigned value) { return std::string(1, static_cast<char>(value & 0xff)); }
std::string u16(unsigned value) { return u8(value >> 8) + u8(value); }
std::string u24(unsigned value) { return u8(value >> 16) + u16(value); }
std::string sized8(const std::string& bytes) { return u8(static_cast<unsigned>(bytes.size())) + bytes; }
std::string sized16(const std::string& bytes) { return u16(static_cast<unsigned>(bytes.size())) + bytes; }

std::string numbers(const std::vector<std::uint16_t>& values) {
  std::string out;
  for (const std::uint16_t value : values) out += u16(value);
  return out;
}

std::string extension(unsigned type, const std::string& content) { return u16(type) + sized16(content); }

/// Everything that a certificate or key exchange may be signed with, old digests and ones without RSA-PSS included, so that no
/// server is refused for it.
std::string all_signatures() {
  static const std::vector<std::uint16_t> schemes = {0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b,
                                                     0x0401, 0x0501, 0x0601, 0x0402, 0x0502, 0x0602, 0x0303, 0x0301, 0x0302, 0x0203, 0x0201,
                                                     0x0202, 0x0101, 0x0904, 0x0905, 0x0906, 0x081a, 0x081b, 0x081c, 0x0708};
  return numbers(schemes);
}

std::string extensions(const ClientHello& hello, std::string_view share) {
  std::string out;
  if (!hello.host.empty()) out += extension(0, sized16(u8(0) + sized16(hello.host)));  // RFC 6066 section 3
  out += extension(5, u8(1) + u16(0) + u16(0));                                       // status_request: OCSP
  if (!hello.groups.empty()) out += extension(10, sized16(numbers(hello.groups)));
  if (hello.version >= Version::tls1_2) out += extension(13, sized16(all_signatures()));
  if (hello.version == Version::tls1_3) {
    out += extension(43, sized8(u16(0x0304)));
    out += extension(45, sized8(u8(1)));  // psk_dhe_ke
    out += extension(51, sized16(hello.share_x25519 ? u16(0x001d) + sized16(std::string(share)) : std::string()));
    return out;
  }
  out += extension(11, sized8(u8(0) + u8(1) + u8(2)));  // point formats: old servers choose compressed ones
  out += extension(22, {});                             // encrypt_then_mac. RFC 7366
  out += extension(23, {});                             // extended_master_secret. RFC 7627
  out += extension(35, {});                             // session_ticket. RFC 5077
  out += extension(0xff01, u8(0));                      // renegotiation_info. RFC 5746
  return out;
}

/// Every suite of SSLv2.
std::string ssl2_client_hello(std::string_view random) {
  std::string suites;
  for (const std::uint32_t suite : ssl2_suites()) suites += u24(suite);
  const std::string challenge(random.substr(0, 16));
  const std::string body = u8(1) + u16(0x0002) + u16(static_cast<unsigned>(suites.size())) + u16(0) + u16(16) + suites + challenge;
  return u16(0x8000u | static_cast<unsigned>(body.size())) + body;
}
}  // namespace

std::string bytes_of(const ClientHello& hello, std::string_view random) {
  if (hello.version == Version::ssl2) return ssl2_client_hello(random);
  const bool is_new = hello.version == Version::tls1_3;
  const auto version = is_new ? 0x0303u : static_cast<unsigned>(hello.version);
  std::string body = u16(version) + std::string(random.substr(0, 32));
  body += sized8(is_new ? std::string(random.substr(32, 32)) : std::string());
  // Without extensions the signalling value says that renegotiation is safe with us. RFC 5746 section 3.3.
  body += sized16(numbers(hello.suites) + (hello.version == Version::ssl3 ? u16(0x00ff) : std::string()));
  body += sized8(is_new ? u8(0) : u8(1) + u8(0));
  if (hello.version != Version::ssl3) body += sized16(extensions(hello, random.substr(64, 32)));
  const std::string message = u8(1) + u24(static_cast<unsigned>(body.size())) + body;
  // RFC 8446 appendix D.1: a record version of 3.1 is what old servers bear best.
  return u8(22) + u16(hello.version == Version::ssl3 ? 0x0300u : 0x0301u) + sized16(message);
}

}  // namespace mailmedic::tls
