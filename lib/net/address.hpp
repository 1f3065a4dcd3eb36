#pragma once
#include <boost/asio/ip/address.hpp>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailmedic::net {

/// An IPv4 or IPv6 address.
using Address = boost::asio::ip::address;

/// "192.0.2.1", "2001:db8::1", also in brackets. An IPv4-mapped IPv6 address becomes the IPv4 address.
std::optional<Address> parse_address(std::string_view text);

/// An address that stands for itself: IPv4-mapped IPv6 (::ffff:192.0.2.1) becomes IPv4.
Address unmapped(const Address& address);

/// The network-order bytes: 4 or 16.
std::string bytes_of(const Address& address);

/// "1.2.0.192" or the 32 nibbles of RFC 3596 section 2.5, without a zone: put ".in-addr.arpa", ".ip6.arpa" or a
/// DNS list's zone behind it.
std::string reversed(const Address& address);

/// The name of the PTR record: RFC 1035 section 3.5, RFC 3596 section 2.5.
std::string reverse_name(const Address& address);

/// A network: the address and how many leading bits count.
struct Prefix {
  Address network;
  int length = 0;  ///< 0 to 32, 0 to 128

  /// Never across families.
  bool contains(const Address& address) const;
  std::string text() const;
};

/// What an address is set aside for, as "private (RFC 1918)"; empty for one that anybody may reach. IANA
/// special-purpose registries (RFC 6890), multicast and unspecified included.
std::string_view special_use(const Address& address);

/// Address and port, "192.0.2.1:25" or "[2001:db8::1]:25".
struct Endpoint {
  Address address;
  std::uint16_t port = 0;

  std::string text() const;
  bool operator==(const Endpoint&) const = default;
  /// By address, IPv4 first, then port. Written out, as Asio's addresses have only "<".
  std::strong_ordering operator<=>(const Endpoint& other) const {
    if (address != other.address) return address < other.address ? std::strong_ordering::less : std::strong_ordering::greater;
    return port <=> other.port;
  }
};

/// Over which addresses to go (-4, -6).
struct Families {
  bool ipv4 = true, ipv6 = true;
  bool include(const Address& address) const { return address.is_v4() ? ipv4 : ipv6; }
};

/// "ADDR" or "ADDR:PORT", IPv6 with a port in brackets. Nothing on any other text.
std::optional<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port);

}  // namespace mailmedic::net
