#pragma once
// Who takes a domain's mail, and what each of them shows on port 25.
#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "lib/dns/resolver.hpp"
#include "lib/smtp/prober.hpp"

namespace mailmedic::smtp {

struct MailHost {
  dns::Name name;
  std::uint16_t preference = 0;         ///< 0 for the implicit MX
  dns::Answer a, aaaa;                  ///< how each question ended
  std::vector<net::Address> addresses;  ///< of both families, IPv4 first, each once

  /// Is it sure that there are no others?
  bool is_definite() const { return a.is_definite() && aaaa.is_definite(); }
};

/// RFC 5321 section 5.1.
struct MailHosts {
  enum class Kind {
    listed,    ///< by MX records
    implicit,  ///< no MX records: the domain's own addresses
    null_mx,   ///< the domain takes no mail (RFC 7505)
    none,      ///< neither MX records nor addresses, or no such domain
    unknown,   ///< DNS did not say: `mx`, or for the implicit MX the host's `a` and `aaaa`, have the status
  };
  Kind kind = Kind::unknown;
  dns::Name domain;
  dns::Answer mx;
  std::vector<MailHost> hosts;  ///< by preference, then name; a host that is listed twice stands once
};

/// Asks for A and AAAA of one host, at once.
asio::awaitable<MailHost> find_addresses(dns::Resolver& resolver, dns::Name name, std::uint16_t preference);

/// Asks for MX, and for A and AAAA of each host, at once.
asio::awaitable<MailHosts> find_mail_hosts(dns::Resolver& resolver, dns::Name domain);

/// A host with what each of its addresses showed, in the order of the addresses.
struct SurveyedHost {
  MailHost host;
  std::vector<Probe> probes;  ///< of the first addresses, where the survey's limit cut the others off
};

struct Survey {
  MailHosts mail;
  std::vector<SurveyedHost> hosts;  ///< the same hosts in the same order, with their probes
  std::size_t not_probed = 0;       ///< addresses beyond max_probes, at the end of the preference order
};

/// Connections that one survey makes at most, so that a zone full of addresses cannot make a flood of us.
inline constexpr std::size_t max_probes = 64;

/// The request that every check makes of a mail host, so that all of them share one connection: to the end of
/// the greetings, with TLS where it is offered, and no sender or recipient.
ProbeRequest survey_request(const MailHost& host, const net::Address& address, std::string helo);

/// Probes every address of every host at once, up to max_probes. `helo` may be empty: the prober's own name.
asio::awaitable<Survey> survey(dns::Resolver& resolver, Prober& prober, dns::Name domain, std::string helo, net::Families families = {});

}  // namespace mailmedic::smtp
