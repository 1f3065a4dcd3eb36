#pragma once
// The TLSA records of a domain's mail hosts. RFC 7672 section 2.2.
#include <boost/asio/awaitable.hpp>
#include <vector>

#include "lib/dns/resolver.hpp"
#include "lib/smtp/mail_hosts.hpp"
#include "lib/tls/dane.hpp"

namespace mailmedic::dane {

namespace asio = boost::asio;

/// One mail host with what is published for it.
struct Host {
  smtp::MailHost host;
  dns::Name base;          ///< TLSA base domain: the end of a secure CNAME chain where records stand, else the host itself
  dns::Name question;      ///< _25._tcp.BASE
  dns::Answer tlsa;
  std::vector<std::string> names;  ///< that a certificate may have for usage 2: base, host, domain. RFC 7672 section 3.2.2
  bool is_secure = false;  ///< addresses and TLSA records are both vouched for

  bool has_records() const { return tlsa.status == dns::Status::answered; }
  std::vector<tls::TlsaData> records() const;
};

struct Hosts {
  smtp::MailHosts mail;
  bool mx_is_secure = false;  ///< the MX records are vouched for; without that DANE does not apply to the domain
  std::vector<Host> hosts;
};

/// Asks for all of them at once.
asio::awaitable<Hosts> find_hosts(dns::Resolver& dns, dns::Name domain);

/// "3 1 1 ab12..."
std::string record_text(const tls::TlsaData& record);

}  // namespace mailmedic::dane
