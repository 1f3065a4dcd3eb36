#include "tools/cli/self.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/host_name.hpp>

#include "lib/https/fetch.hpp"
#include "lib/net/egress.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::cli {

namespace {

/// What the reflector sees of each family; a family without an answer is left out.
boost::asio::awaitable<void> ask_reflector(const https::Url& url, const Common& common, Probes& probes, std::vector<net::Address>& out) {
  for (const bool ipv6 : {false, true}) {
    if (!(ipv6 ? common.ipv6 : common.ipv4)) continue;
    const net::Families families{!ipv6, ipv6};
    const https::Fetched fetched = co_await https::fetch(probes.dns, *probes.https, url, 256, families);
    const https::Response* best = fetched.best();
    if (!best || !best->is_complete() || best->status != 200) continue;
    if (const auto seen = net::parse_address(text::trimmed(best->body))) out.push_back(*seen);
  }
}

}  // namespace

text::Parsed<std::vector<net::Address>> own_addresses(const std::string& reflector, Network& network, const Common& common) {
  std::vector<net::Address> out;
  if (!reflector.empty()) {
    const auto url = https::Url::parse(reflector);
    if (!url) return text::ParseError{0, fmt::format("--reflector {}: {}", text::shown(reflector, 200), url.error().why)};
    network.run(ask_reflector(*url, common, network.probes(), out));
    if (out.empty()) return text::ParseError{0, fmt::format("--reflector {}: it did not tell an address", text::shown(reflector, 200))};
    return out;
  }
  for (const bool ipv6 : {false, true})
    if (ipv6 ? common.ipv6 : common.ipv4)
      if (const auto address = net::egress_address(ipv6)) out.push_back(*address);
  if (out.empty()) return text::ParseError{0, "--self: this machine has no route to the internet; name its address with --ip"};
  return out;
}

std::optional<std::string> own_host_name() {
  boost::system::error_code failed;
  const std::string name = boost::asio::ip::host_name(failed);
  if (failed || name.find('.') == std::string::npos) return std::nullopt;
  return name;
}

}  // namespace mailmedic::cli
