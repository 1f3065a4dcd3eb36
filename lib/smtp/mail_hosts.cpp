#include "lib/smtp/mail_hosts.hpp"

#include <algorithm>
#include <tuple>

#include "lib/net/parallel.hpp"

namespace mailmedic::smtp {

namespace {
void add_addresses(const dns::Answer& answer, std::vector<net::Address>& out) {
  for (const net::Address& address : answer.all<net::Address>())
    if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(address);
}

/// By preference, then name; a name that is listed twice keeps its better preference.
std::vector<dns::Mx> in_order(const dns::Answer& answer) {
  std::vector<dns::Mx> out = answer.all<dns::Mx>();
  std::sort(out.begin(), out.end(), [](const dns::Mx& a, const dns::Mx& b) {
    return std::tie(a.preference, a.host) < std::tie(b.preference, b.host);
  });
  std::vector<dns::Mx> unique;
  for (dns::Mx& mx : out)
    if (std::none_of(unique.begin(), unique.end(), [&](const dns::Mx& seen) { return seen.host == mx.host; }))
      unique.push_back(std::move(mx));
  return unique;
}

asio::awaitable<SurveyedHost> survey_host(Prober& prober, MailHost host, std::size_t addresses, std::string helo) {
  std::vector<asio::awaitable<Probe>> probes;
  for (std::size_t i = 0; i < addresses; ++i) probes.push_back(prober.probe(survey_request(host, host.addresses[i], helo)));
  SurveyedHost out;
  out.probes = co_await net::in_parallel(std::move(probes));
  out.host = std::move(host);
  co_return out;
}
}  // namespace

asio::awaitable<MailHost> find_addresses(dns::Resolver& resolver, dns::Name name, std::uint16_t preference) {
  std::vector<asio::awaitable<dns::Answer>> questions;
  questions.push_back(resolver.query(name, dns::Type::a));
  questions.push_back(resolver.query(name, dns::Type::aaaa));
  std::vector<dns::Answer> answers = co_await net::in_parallel(std::move(questions));
  MailHost out;
  out.name = std::move(name);
  out.preference = preference;
  out.a = std::move(answers[0]);
  out.aaaa = std::move(answers[1]);
  add_addresses(out.a, out.addresses);
  add_addresses(out.aaaa, out.addresses);
  co_return out;
}

asio::awaitable<MailHosts> find_mail_hosts(dns::Resolver& resolver, dns::Name domain) {
  MailHosts out;
  out.domain = domain;
  out.mx = co_await resolver.query(domain, dns::Type::mx);
  if (!out.mx.is_definite()) co_return out;
  if (out.mx.status == dns::Status::nx_domain) {
    out.kind = MailHosts::Kind::none;
    co_return out;
  }
  const std::vector<dns::Mx> listed = in_order(out.mx);
  if (listed.empty()) {
    MailHost host = co_await find_addresses(resolver, domain, 0);
    out.kind = !host.addresses.empty()  ? MailHosts::Kind::implicit
               : host.is_definite() ? MailHosts::Kind::none
                                    : MailHosts::Kind::unknown;
    if (out.kind != MailHosts::Kind::none) out.hosts.push_back(std::move(host));
    co_return out;
  }
  std::vector<asio::awaitable<MailHost>> lookups;
  for (const dns::Mx& mx : listed)
    if (!mx.host.is_root()) lookups.push_back(find_addresses(resolver, mx.host, mx.preference));
  // A null MX beside others is an error of the record, not a refusal of mail: RFC 7505 section 3.
  out.kind = lookups.empty() ? MailHosts::Kind::null_mx : MailHosts::Kind::listed;
  out.hosts = co_await net::in_parallel(std::move(lookups));
  co_return out;
}

ProbeRequest survey_request(const MailHost& host, const net::Address& address, std::string helo) {
  ProbeRequest request;
  request.endpoint.address = address;
  request.endpoint.port = 25;
  request.host = host.name.text();
  request.helo = std::move(helo);
  return request;
}

asio::awaitable<Survey> survey(dns::Resolver& resolver, Prober& prober, dns::Name domain, std::string helo, net::Families families) {
  Survey out;
  out.mail = co_await find_mail_hosts(resolver, std::move(domain));
  std::vector<asio::awaitable<SurveyedHost>> hosts;
  std::size_t left = max_probes;
  for (MailHost& host : out.mail.hosts)
    std::erase_if(host.addresses, [&](const net::Address& address) { return !families.include(address); });
  for (const MailHost& host : out.mail.hosts) {
    const std::size_t addresses = std::min(left, host.addresses.size());
    left -= addresses;
    out.not_probed += host.addresses.size() - addresses;
    hosts.push_back(survey_host(prober, host, addresses, helo));
  }
  out.hosts = co_await net::in_parallel(std::move(hosts));
  co_return out;
}

}  // namespace mailmedic::smtp
