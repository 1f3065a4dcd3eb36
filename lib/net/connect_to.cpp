#include "lib/net/connect_to.hpp"

#include <charconv>

#include "lib/text/ascii.hpp"

namespace mailmedic::net {

namespace {
/// Takes the text up to the next colon outside brackets; the colon goes too.
std::string_view take_part(std::string_view& rest) {
  const auto bracket = rest.starts_with('[') ? rest.find(']') : std::string_view::npos;
  const auto colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const auto part = rest.substr(0, colon);
  rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  return part;
}

bool parse_port(std::string_view text, std::optional<std::uint16_t>& out) {
  if (text.empty()) return true;
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failed != std::errc() || end != text.data() + text.size() || port == 0) return false;
  out = port;
  return true;
}

bool same_host(std::string_view rule, std::string_view host, const Address& address) {
  if (rule.empty() || text::equals_ignoring_case(rule, host)) return true;
  return parse_address(rule) == address;
}
}  // namespace

text::Parsed<ConnectTo> ConnectTo::parse(std::string_view text) {
  ConnectTo out;
  std::string_view rest = text;
  const auto at = [&] { return static_cast<std::size_t>(rest.data() ? rest.data() - text.data() : text.size()); };
  out.host = take_part(rest);
  if (out.host.ends_with('.')) out.host.pop_back();
  if (!parse_port(take_part(rest), out.port)) return text::ParseError{at(), "the first port is not a number from 1 to 65535"};
  const auto address = take_part(rest);
  if (!address.empty()) {
    out.address = parse_address(address);
    if (!out.address) return text::ParseError{at(), "the new host is not an IP address"};
  }
  if (!parse_port(rest, out.new_port)) return text::ParseError{at(), "the new port is not a number from 1 to 65535"};
  if (!out.address && !out.new_port) return text::ParseError{text.size(), "neither a new address nor a new port: write HOST:PORT:ADDR:PORT"};
  return out;
}

Endpoint redirected(const std::vector<ConnectTo>& rules, std::string_view host, const Endpoint& asked) {
  for (const ConnectTo& rule : rules)
    if (same_host(rule.host, host, asked.address) && (!rule.port || *rule.port == asked.port))
      return {rule.address.value_or(asked.address), rule.new_port.value_or(asked.port)};
  return asked;
}

}  // namespace mailmedic::net
