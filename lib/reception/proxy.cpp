#include "lib/reception/proxy.hpp"

#include <algorithm>

#include "lib/reception/command.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::reception {

namespace {
using State = ProxyStart::State;
constexpr std::string_view signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr ProxyStart broken{.state = State::broken};

std::size_t number_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at])) << 8 | static_cast<unsigned char>(bytes[at + 1]);
}

/// Section 2.1: at most 107 bytes.
ProxyStart read_line(std::string_view bytes) {
  const std::size_t end = bytes.substr(0, 107).find("\r\n");
  if (end == std::string_view::npos) return bytes.size() < 107 ? ProxyStart() : broken;
  ProxyStart out{.state = State::complete, .size = end + 2};
  const auto words = text::words(bytes.substr(0, end));
  if (words.size() >= 2 && words[1] == "UNKNOWN") return out;
  if (words.size() != 6 || (words[1] != "TCP4" && words[1] != "TCP6")) return broken;
  const auto address = net::parse_address(words[2]);
  const auto port = number_of(words[4]);
  if (!address || !port || *port > 65535) return broken;
  out.client = net::Endpoint{*address, static_cast<std::uint16_t>(*port)};
  return out;
}

template <typename Bytes>
net::Address address_at(std::string_view bytes, std::size_t at) {
  Bytes raw;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), raw.size(), raw.begin());
  if constexpr (raw.size() == 4) return boost::asio::ip::make_address_v4(raw);
  else return net::unmapped(boost::asio::ip::make_address_v6(raw));
}

/// Section 2.2.
ProxyStart read_binary(std::string_view bytes) {
  if (bytes.size() < 16) return {};
  const std::size_t length = number_at(bytes, 14);
  const int version_and_command = static_cast<unsigned char>(bytes[12]), family = static_cast<unsigned char>(bytes[13]);
  if (length > 1008 || (version_and_command != 0x20 && version_and_command != 0x21)) return broken;
  if (bytes.size() < 16 + length) return {};
  ProxyStart out{.state = State::complete, .size = 16 + length};
  if (version_and_command == 0x20) return out;  // LOCAL: the balancer's own check
  if (family == 0x11 && length >= 12) out.client = net::Endpoint{address_at<boost::asio::ip::address_v4::bytes_type>(bytes, 16), static_cast<std::uint16_t>(number_at(bytes, 24))};
  if (family == 0x21 && length >= 36) out.client = net::Endpoint{address_at<boost::asio::ip::address_v6::bytes_type>(bytes, 16), static_cast<std::uint16_t>(number_at(bytes, 48))};
  if ((family == 0x11 || family == 0x21) && !out.client) return broken;
  return out;
}
}  // namespace

ProxyStart read_proxy(std::string_view bytes) {
  constexpr std::string_view word = "PROXY ";
  if (bytes.substr(0, 12) == signature.substr(0, bytes.size())) return read_binary(bytes);
  if (bytes.substr(0, 6) == word.substr(0, bytes.size())) return read_line(bytes);
  return broken;
}

}  // namespace mailmedic::reception
