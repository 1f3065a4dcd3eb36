#include "lib/smtp/proxy_header.hpp"

#include <fmt/format.h>

namespace mailmedic::smtp {

namespace {
void add_number(std::string& out, std::size_t number) {
  out += static_cast<char>(number >> 8 & 0xff);
  out += static_cast<char>(number & 0xff);
}

std::string line(const net::Endpoint& source, const net::Endpoint& destination) {
  if (source.address.is_v6() != destination.address.is_v6()) return "PROXY UNKNOWN";
  return fmt::format("PROXY TCP{} {} {} {} {}", source.address.is_v6() ? 6 : 4, source.address.to_string(), destination.address.to_string(), source.port,
                     destination.port);
}
}  // namespace

std::string proxy_bytes(int version, const net::Endpoint& source, const net::Endpoint& destination) {
  if (version == 1) return line(source, destination) + "\r\n";
  std::string out("\r\n\r\n\0\r\nQUIT\n\x21", 13);  // signature, then version 2 and the command PROXY
  if (source.address.is_v6() != destination.address.is_v6()) return out + std::string(3, '\0');  // AF_UNSPEC, nothing behind
  out += source.address.is_v6() ? '\x21' : '\x11';  // family, STREAM
  std::string addresses = net::bytes_of(source.address) + net::bytes_of(destination.address);
  add_number(addresses, source.port);
  add_number(addresses, destination.port);
  add_number(out, addresses.size());
  return out + addresses;
}

std::string proxy_text(int version, const net::Endpoint& source, const net::Endpoint& destination) {
  return version == 1 ? line(source, destination) : line(source, destination) + "  (version 2, binary)";
}

}  // namespace mailmedic::smtp
