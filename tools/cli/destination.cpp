#include "tools/cli/destination.hpp"

#include <fmt/format.h>

#include <charconv>

#include "lib/text/ascii.hpp"
#include "tools/cli/targets.hpp"

namespace mailmedic::cli {

namespace {
struct Scheme {
  std::string_view prefix;
  std::uint16_t port;
  smtp::Encryption encryption;
  bool lmtp, is_mail;
};
/// LMTP has no port of its own (RFC 2033 section 5 forbids 25); 24 is the one that servers use.
constexpr Scheme schemes[] = {{"smtp://", 25, smtp::Encryption::starttls_if_offered, false, true},
                              {"submission://", 587, smtp::Encryption::starttls_required, false, true},
                              {"smtps://", 465, smtp::Encryption::implicit, false, true},
                              {"lmtp://", 24, smtp::Encryption::starttls_if_offered, true, true},
                              {"tls://", 443, smtp::Encryption::implicit, false, false}};

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text::starts_with_ignoring_case(text, prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

text::Parsed<Destination> socket(Destination out, std::string_view path) {
  if (!path.starts_with('/')) return text::ParseError{0, fmt::format("{}: the path of a socket starts with /", out.written)};
  out.socket_path = path;
  out.is_host = true;
  return out;
}
}  // namespace

text::Parsed<Destination> parse_destination(const std::string& written) {
  Destination out{.written = written};
  std::string_view rest = written;
  if (take_prefix(rest, "unix:")) return socket(std::move(out), rest);
  if (take_prefix(rest, "lmtp:unix:")) {
    out.lmtp = true;
    return socket(std::move(out), rest);
  }
  bool has_scheme = false;
  for (const Scheme& scheme : schemes) {
    if (!take_prefix(rest, scheme.prefix)) continue;
    while (rest.ends_with('/')) rest.remove_suffix(1);
    out.port = scheme.port;
    out.encryption = scheme.encryption;
    out.lmtp = scheme.lmtp;
    out.is_mail = scheme.is_mail;
    out.is_host = has_scheme = true;
    break;
  }
  const auto finished = [&] {
    if (!has_scheme && out.port == 465) out.encryption = smtp::Encryption::implicit;
    return out;
  };
  if (const auto endpoint = net::parse_endpoint(rest, out.port.value_or(25))) {
    out.address = endpoint->address;
    out.port = endpoint->port;
    out.is_host = true;
    return finished();
  }
  if (const auto colon = rest.rfind(':'); colon != std::string_view::npos && rest.find("://") == std::string_view::npos) {
    std::uint16_t port = 0;
    const auto digits = rest.substr(colon + 1);
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failed != std::errc() || end != digits.data() + digits.size() || port == 0)
      return text::ParseError{colon, fmt::format("{}: the port must be a number from 1 to 65535", written)};
    out.port = port;
    out.is_host = true;
    rest = rest.substr(0, colon);
  }
  auto name = parse_domain(rest);
  if (!name) return name.error();
  out.name = *name;
  return finished();
}

}  // namespace mailmedic::cli
