#include "tools/send/route.hpp"

#include <algorithm>
#include <map>

#include "lib/net/parallel.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::send {

namespace asio = boost::asio;

namespace {
bool may_go_elsewhere(const smtp::Delivery& delivery) {
  using smtp::Cause;
  if (delivery.end_was_sent) return false;
  switch (delivery.probe.cause) {
    case Cause::refused:
    case Cause::reset:
    case Cause::timed_out:
    case Cause::unreachable:
    case Cause::closed:
    case Cause::not_smtp:
    case Cause::banner_busy:
    case Cause::banner_rejected:
    case Cause::tls_failed:
    case Cause::starttls_rejected: return std::all_of(delivery.recipients.begin(), delivery.recipients.end(), [](const smtp::Handover& each) { return each.stage <= smtp::Stage::auth; });
    default: return false;
  }
}

smtp::ProbeRequest request_to(const Route& route, const std::string& host, const net::Address& address) {
  smtp::ProbeRequest out = route.pattern;
  out.endpoint = {address, route.server ? route.server->port.value_or(25) : std::uint16_t{25}};
  out.host = host;
  if (route.server) {
    out.socket_path = route.server->socket_path;
    out.lmtp = route.server->lmtp;
  }
  if (out.login) {
    out.login->credentials.host = host;
    out.login->credentials.port = out.endpoint.port;
  }
  return out;
}

asio::awaitable<smtp::MailHosts> one_server(const cli::Destination& server, dns::Resolver& dns) {
  smtp::MailHosts mail;
  mail.domain = server.name;
  mail.kind = smtp::MailHosts::Kind::listed;
  mail.mx.status = dns::Status::answered;
  smtp::MailHost host;
  if (server.address || !server.socket_path.empty()) {
    host.a.status = host.aaaa.status = dns::Status::no_data;
    host.addresses = {server.address.value_or(net::Address())};
  } else {
    host = co_await smtp::find_addresses(dns, server.name, 0);
  }
  mail.hosts.push_back(std::move(host));
  co_return mail;
}

/// One way: the hosts of a server or a domain, for some of the recipients.
asio::awaitable<Attempt> go(smtp::Letter letter, const Route& route, const World& world, smtp::MailHosts mail) {
  Attempt out;
  for (const std::string& recipient : letter.recipients) out.delivery.recipients.push_back({.recipient = recipient});
  out.delivery.probe.why = "no server was found";
  for (const smtp::MailHost& host : mail.hosts) {
    for (const net::Address& address : host.addresses) {
      const bool is_socket = route.server && !route.server->socket_path.empty();
      if (!is_socket && !route.families.include(address)) continue;
      const std::string name = route.server && (route.server->address || is_socket) ? std::string() : host.name.text();
      smtp::ProbeRequest request = request_to(route, name, address);
      out.delivery = co_await smtp::deliver(request, letter, world.options, world.trust, world.now);
      const bool tls_is_a_wish = request.encryption == smtp::Encryption::starttls_if_offered && !request.login && !letter.wishes.require_tls;
      if (out.delivery.probe.cause == smtp::Cause::tls_failed && tls_is_a_wish) {
        request.encryption = smtp::Encryption::none;
        out.delivery = co_await smtp::deliver(request, letter, world.options, world.trust, world.now);
      }
      out.host.host = host;
      out.host.probes = {out.delivery.probe};
      if (!may_go_elsewhere(out.delivery)) {
        out.mail = std::move(mail);
        co_return out;
      }
    }
  }
  out.mail = std::move(mail);
  co_return out;
}

asio::awaitable<Attempt> go_directly(smtp::Letter letter, const Route& route, const World& world, dns::Name domain) {
  smtp::MailHosts mail = co_await smtp::find_mail_hosts(world.dns, std::move(domain));
  Attempt out = co_await go(std::move(letter), route, world, std::move(mail));
  co_return out;
}

/// Recipients by domain, in the order in which each domain comes first.
std::vector<std::pair<dns::Name, smtp::Letter>> by_domain(const smtp::Letter& letter) {
  std::vector<std::pair<dns::Name, smtp::Letter>> out;
  for (const std::string& recipient : letter.recipients) {
    const auto domain = dns::Name::parse(recipient.substr(recipient.rfind('@') + 1));
    const dns::Name name = domain ? *domain : dns::Name();
    auto known = std::find_if(out.begin(), out.end(), [&](const auto& each) { return each.first == name; });
    if (known == out.end()) {
      known = out.insert(out.end(), {name, letter});
      known->second.recipients.clear();
    }
    known->second.recipients.push_back(recipient);
  }
  return out;
}
}  // namespace

asio::awaitable<std::vector<Attempt>> deliver(const smtp::Letter& letter, const Route& route, const World& world) {
  std::vector<Attempt> out;
  if (route.server) {
    smtp::MailHosts mail = co_await one_server(*route.server, world.dns);
    out.push_back(co_await go(letter, route, world, std::move(mail)));
    co_return out;
  }
  std::vector<asio::awaitable<Attempt>> ways;
  for (auto& [domain, part] : by_domain(letter)) ways.push_back(go_directly(std::move(part), route, world, domain));
  co_return co_await net::in_parallel(std::move(ways));
}

}  // namespace mailmedic::send
