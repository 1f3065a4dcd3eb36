#include "lib/net/address.hpp"

#include <fmt/format.h>

#include <charconv>

namespace mailmedic::net {

namespace asio = boost::asio;

Address unmapped(const Address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address;
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
    if (text.starts_with("IPv6:")) text.remove_prefix(5);
  }
  if (text.find('%') != std::string_view::npos) return std::nullopt;
  boost::system::error_code failed;
  const Address address = asio::ip::make_address(text, failed);
  if (failed) return std::nullopt;
  return unmapped(address);
}

std::string bytes_of(const Address& address) {
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  const auto bytes = address.to_v6().to_bytes();
  return {bytes.begin(), bytes.end()};
}

std::string reversed(const Address& address) {
  const std::string bytes = bytes_of(address);
  if (address.is_v4()) {
    const auto b = [&](int i) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])); };
    return fmt::format("{}.{}.{}.{}", b(3), b(2), b(1), b(0));
  }
  std::string out;
  out.reserve(63);
  constexpr char hex[] = "0123456789abcdef";
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    const auto value = static_cast<unsigned char>(*byte);
    if (!out.empty()) out += '.';
    out += {hex[value & 15], '.', hex[value >> 4]};
  }
  return out;
}

std::string reverse_name(const Address& address) {
  return reversed(address) + (address.is_v4() ? ".in-addr.arpa" : ".ip6.arpa");
}

bool Prefix::contains(const Address& address) const {
  if (network.is_v4() != address.is_v4()) return false;
  if (network.is_v4()) {
    const std::uint32_t differing = network.to_v4().to_uint() ^ address.to_v4().to_uint();
    return length == 0 || differing >> (32 - length) == 0;
  }
  const auto a = network.to_v6().to_bytes(), b = address.to_v6().to_bytes();
  const int whole = length / 8, rest = length % 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

std::string Prefix::text() const { return fmt::format("{}/{}", network.to_string(), length); }

std::string_view special_use(const Address& address) {
  struct Use {
    std::string_view network;
    int length;
    std::string_view what;
  };
  static constexpr Use uses[] = {
      {"0.0.0.0", 8, "\"this network\" (RFC 791)"},
      {"10.0.0.0", 8, "private (RFC 1918)"},
      {"100.64.0.0", 10, "carrier-grade NAT (RFC 6598)"},
      {"127.0.0.0", 8, "loopback (RFC 1122)"},
      {"169.254.0.0", 16, "link-local (RFC 3927)"},
      {"172.16.0.0", 12, "private (RFC 1918)"},
      {"192.0.0.0", 24, "IETF protocol assignments (RFC 6890)"},
      {"192.0.2.0", 24, "documentation (RFC 5737)"},
      {"192.168.0.0", 16, "private (RFC 1918)"},
      {"198.18.0.0", 15, "benchmarking (RFC 2544)"},
      {"198.51.100.0", 24, "documentation (RFC 5737)"},
      {"203.0.113.0", 24, "documentation (RFC 5737)"},
      {"224.0.0.0", 4, "multicast (RFC 5771)"},
      {"240.0.0.0", 4, "reserved (RFC 1112)"},
      {"::", 128, "unspecified (RFC 4291)"},
      {"::1", 128, "loopback (RFC 4291)"},
      {"64:ff9b:1::", 48, "local NAT64 (RFC 8215)"},
      {"100::", 64, "discard-only (RFC 6666)"},
      {"2001:db8::", 32, "documentation (RFC 3849)"},
      {"3fff::", 20, "documentation (RFC 9637)"},
      {"fc00::", 7, "unique local (RFC 4193)"},
      {"fe80::", 10, "link-local (RFC 4291)"},
      {"ff00::", 8, "multicast (RFC 4291)"},
  };
  for (const Use& use : uses)
    if (Prefix{asio::ip::make_address(use.network), use.length}.contains(address)) return use.what;
  return {};
}

std::string Endpoint::text() const {
  return address.is_v6() ? fmt::format("[{}]:{}", address.to_string(), port)
                         : fmt::format("{}:{}", address.to_string(), port);
}

std::optional<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port) {
  if (const auto address = parse_address(text)) return Endpoint{*address, default_port};
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto host = text.substr(0, colon), digits = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (!bracketed && host.find(':') != std::string_view::npos) return std::nullopt;
  const auto address = parse_address(host);
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (!address || failed != std::errc() || end != digits.data() + digits.size() || port == 0) return std::nullopt;
  return Endpoint{*address, port};
}

}  // namespace mailmedic::net
