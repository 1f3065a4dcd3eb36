#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/dns/name.hpp"
#include "lib/net/address.hpp"

namespace mailmedic::dns {

/// Record types by their number at IANA. Other numbers may be cast to it.
enum class Type : std::uint16_t {
  a = 1, ns = 2, cname = 5, soa = 6, ptr = 12, mx = 15, txt = 16, aaaa = 28, ds = 43, rrsig = 46, dnskey = 48,
  tlsa = 52, spf = 99, caa = 257,
};

/// "A", "MX", or "TYPE65280" (RFC 3597).
std::string type_text(Type type);

/// Of the records that hold addresses of this family.
inline Type address_type(const net::Address& address) { return address.is_v4() ? Type::a : Type::aaaa; }

struct Mx {
  std::uint16_t preference = 0;
  Name host;  ///< the root for a null MX (RFC 7505)
};

/// The strings of one TXT record.
struct Txt {
  std::string text;                 ///< joined without a separator, as SPF and DKIM read it
  std::vector<std::uint8_t> sizes;  ///< of each string, in bytes

  std::vector<std::string_view> strings() const;
};

struct Soa {
  Name primary, mailbox;
  std::uint32_t serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0;
};

struct Tlsa {
  std::uint8_t usage = 0, selector = 0, matching = 0;
  std::string data;  ///< bytes
};

struct Caa {
  std::uint8_t flags = 0;
  std::string tag, value;
};

/// Data of a type that we do not take apart.
struct Raw {
  std::string data;  ///< the rdata's bytes
};

struct Record {
  Name owner;
  Type type = Type::a;
  std::uint32_t ttl = 0;  ///< seconds
  /// Address for A and AAAA; Name for NS, CNAME and PTR.
  std::variant<net::Address, Name, Mx, Txt, Soa, Tlsa, Caa, Raw> data;

  /// The data in master file form, hostile bytes escaped: `10 mx.example.org.`, `"v=spf1 -all"`.
  std::string text() const;
};

}  // namespace mailmedic::dns
