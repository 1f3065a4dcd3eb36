#pragma once
#include <boost/asio/awaitable.hpp>
#include <vector>

#include "lib/dns/resolver.hpp"
#include "lib/smtp/courier.hpp"
#include "lib/smtp/mail_hosts.hpp"
#include "lib/tls/trust_store.hpp"
#include "tools/cli/destination.hpp"

namespace mailmedic::send {

/// Where messages go: one server, or the mail exchangers of each recipient's domain.
struct Route {
  std::optional<cli::Destination> server;  ///< nothing: directly
  smtp::ProbeRequest pattern;              ///< login, encryption and the like, without a destination
  net::Families families;
  bool chunking = false;
};

/// What became of one message for those of its recipients that go the same way.
struct Attempt {
  smtp::SurveyedHost host;                ///< that was tried last, with its probe
  smtp::MailHosts mail;                   ///< how it was found
  smtp::Delivery delivery;
};

/// Everything that a delivery touches.
struct World {
  dns::Resolver& dns;
  const smtp::NetworkOptions& options;
  const tls::TrustStore& trust;
  std::chrono::system_clock::time_point now;
};

/// Tries the servers of one way in their order, until one of them takes or refuses the message. A server that is not there, that is
/// busy, or with which TLS fails is passed over (RFC 5321 section 5.1); where TLS is a mere wish, it is tried without.
boost::asio::awaitable<std::vector<Attempt>> deliver(const smtp::Letter& letter, const Route& route, const World& world);

}  // namespace mailmedic::send
