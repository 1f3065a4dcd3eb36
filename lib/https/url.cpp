#include "lib/https/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lib/net/address.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::https {

namespace {
constexpr std::string_view scheme = "https://";

/// Unreserved, reserved or the percent sign of an escape. RFC 3986 section 2.
bool is_url_character(char c) { return text::is_alnum(c) || std::string_view("-._~:/?#[]@!$&'()*+,;=%").find(c) != std::string_view::npos; }
}  // namespace

text::Parsed<Url> Url::parse(std::string_view text) {
  if (text.size() > 2048) return text::ParseError{2048, "longer than 2048 bytes"};
  if (!text::starts_with_ignoring_case(text, scheme)) return text::ParseError{0, "does not begin with https://"};
  const auto bad = std::find_if_not(text.begin(), text.end(), is_url_character);
  if (bad != text.end()) return text::ParseError{static_cast<std::size_t>(bad - text.begin()), "holds a character that must be percent-encoded"};
  std::string_view rest = text.substr(scheme.size());
  std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  std::string_view target = rest.substr(authority.size());
  if (authority.find('@') != std::string_view::npos) return text::ParseError{scheme.size(), "holds a user name"};
  Url out;
  if (const auto colon = authority.rfind(':'); colon != std::string_view::npos && !authority.ends_with(']')) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (failed != std::errc() || end != digits.data() + digits.size() || out.port == 0)
      return text::ParseError{scheme.size() + colon, "the port is not a number from 1 to 65535"};
    authority = authority.substr(0, colon);
  }
  auto host = dns::Name::parse(authority);
  if (!host || net::parse_address(authority) || host->labels().size() < 2 || !host->is_host_name())
    return text::ParseError{scheme.size(), "its host is not a full host name"};
  out.host = std::move(*host);
  target = target.substr(0, target.find('#'));
  out.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  return out;
}

std::string Url::text() const { return fmt::format("https://{}{}{}", host.text(), port == 443 ? std::string() : fmt::format(":{}", port), target); }

}  // namespace mailmedic::https
