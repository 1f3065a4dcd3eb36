#include "checks/reverse_dns/check.hpp"

#include <fmt/format.h>

#include <set>

#include "checks/no_answer.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/dns/public_suffix.hpp"
#include "lib/net/parallel.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::reverse_dns {

namespace {

/// One sending address with its names and where they lead. RFC 8601 section 2.7.3 (iprev).
struct Identity {
  net::Address address;
  dns::Name reverse_name;
  dns::Answer ptr;
  std::vector<dns::Name> names;
  std::vector<dns::Answer> forward;  ///< A or AAAA of each name
  bool confirmed = false;
  bool undecided = false;            ///< not confirmed, but some name could not be resolved
};

/// Names beyond these are not resolved. RFC 7208 section 4.6.4 has the same limit.
constexpr std::size_t max_names = 10;

bool leads_to(const dns::Answer& answer, const net::Address& address) {
  const auto all = answer.all<net::Address>();
  return std::find(all.begin(), all.end(), address) != all.end();
}

asio::awaitable<Identity> identify(net::Address address, dns::Resolver& dns) {
  Identity identity{.address = address};
  identity.reverse_name = dns::Name::parse(net::reverse_name(address)).value();
  identity.ptr = co_await dns.query(identity.reverse_name, dns::Type::ptr);
  identity.names = identity.ptr.all<dns::Name>();
  std::vector<dns::Question> questions;
  for (const dns::Name& name : identity.names)
    if (questions.size() < max_names) questions.push_back({name, dns::address_type(address)});
  identity.forward = co_await dns::query_all(dns, questions);
  for (const dns::Answer& answer : identity.forward) {
    identity.confirmed = identity.confirmed || leads_to(answer, address);
    identity.undecided = identity.undecided || !answer.is_definite();
  }
  co_return identity;
}

std::string names_text(const Identity& identity) {
  std::vector<std::string> names;
  for (const dns::Name& name : identity.names) names.push_back(name.text());
  return text::joined(names, ", ");
}

void add(CheckReport& report, std::string_view id, std::string subject, Args args, std::vector<Evidence> evidence) {
  Finding finding{.id = id, .subject = std::move(subject)};
  finding.args = std::move(args);
  finding.evidence = std::move(evidence);
  report.findings.push_back(std::move(finding));
}

Evidence ptr_evidence(const Identity& identity) {
  return {"PTR " + identity.reverse_name.text(), identity.names.empty() ? std::string(dns::status_text(identity.ptr.status)) : names_text(identity)};
}

void judge_identity(const Identity& identity, const dns::Name& domain, CheckReport& report) {
  const std::string address = identity.address.to_string();
  if (!identity.ptr.is_definite()) return report.could_not_tell(no_answer(identity.reverse_name, dns::Type::ptr, identity.ptr));
  if (identity.names.empty()) {
    const Args args{{"address", address}, {"reverse", identity.reverse_name.text()}, {"domain", domain.text()}};
    return add(report, "reverse_dns.missing", address, args, {ptr_evidence(identity)});
  }
  if (!identity.confirmed && identity.undecided) {
    for (std::size_t i = 0; i < identity.forward.size(); ++i)
      if (!identity.forward[i].is_definite())
        report.could_not_tell(no_answer(identity.names[i], dns::address_type(identity.address), identity.forward[i]));
    return;
  }
  if (!identity.confirmed) {
    std::vector<Evidence> evidence{ptr_evidence(identity)};
    for (std::size_t i = 0; i < identity.forward.size(); ++i) {
      std::vector<std::string> found;
      for (const net::Address& other : identity.forward[i].all<net::Address>()) found.push_back(other.to_string());
      evidence.push_back({dns::type_text(dns::address_type(identity.address)) + " " + identity.names[i].text(),
                          found.empty() ? std::string(dns::status_text(identity.forward[i].status)) : text::joined(found, ", ")});
    }
    const Args args{{"address", address}, {"name", identity.names.front().text()}, {"type", dns::type_text(dns::address_type(identity.address))}};
    return add(report, "reverse_dns.not-confirmed", address, args, std::move(evidence));
  }
  if (identity.names.size() > 5)
    add(report, "reverse_dns.many-names", address, {{"address", address}, {"count", std::to_string(identity.names.size())}}, {ptr_evidence(identity)});
  const bool all_generic = std::all_of(identity.names.begin(), identity.names.end(), [&](const dns::Name& name) {
    return looks_generic(name.text(), identity.address);
  });
  if (all_generic)
    add(report, "reverse_dns.generic-name", address, {{"address", address}, {"name", identity.names.front().text()}, {"domain", domain.text()}}, {ptr_evidence(identity)});
  const auto own = dns::registrable_domain(domain);
  const bool all_foreign = own && std::none_of(identity.names.begin(), identity.names.end(), [&](const dns::Name& name) { return dns::registrable_domain(name) == own; });
  if (all_foreign && !all_generic)
    add(report, "reverse_dns.unrelated", address, {{"address", address}, {"name", identity.names.front().text()}, {"domain", domain.text()}}, {ptr_evidence(identity)});
}

/// Domains of large receivers: whoever says one of them in EHLO to its owner is refused.
bool belongs_to_receiver(const dns::Name& helo) {
  static constexpr std::string_view domains[] = {"gmail.com", "google.com", "outlook.com", "hotmail.com", "live.com", "microsoft.com", "yahoo.com", "aol.com",
                                                 "icloud.com", "apple.com", "qq.com", "163.com", "126.com", "sina.com", "mail.ru", "yandex.ru", "gmx.net", "web.de"};
  const auto registered = dns::registrable_domain(helo);
  return registered && std::find(std::begin(domains), std::end(domains), registered->text()) != std::end(domains);
}

/// An address that a translator (NAT) or a tunnel stands before: the world sees another one.
bool is_translated(const net::Address& address) {
  const std::string_view use = net::special_use(address);
  for (const std::string_view kind : {"private", "carrier-grade NAT", "loopback", "link-local", "unique local"})
    if (use.starts_with(kind)) return true;
  return false;
}

bool is_literal(std::string_view helo) { return helo.size() > 2 && helo.front() == '[' && helo.back() == ']'; }

/// The name in EHLO. RFC 5321 sections 4.1.1.1, 4.1.3 and 4.1.4.
asio::awaitable<void> judge_helo(const Target& target, const std::vector<Identity>& identities, dns::Resolver& dns, CheckReport& report) {
  const std::string& helo = *target.helo;
  const Evidence said{"--helo", helo};
  if (is_literal(helo)) {
    const auto address = net::parse_address(helo);
    if (!address) add(report, "reverse_dns.helo-malformed", helo, {{"helo", helo}}, {said});
    else if (!target.private_world && !net::special_use(*address).empty()) add(report, "reverse_dns.helo-private", helo, {{"helo", helo}}, {said});
    else add(report, "reverse_dns.helo-literal", helo, {{"helo", helo}}, {said});
    co_return;
  }
  const auto name = dns::Name::parse(helo);
  const bool is_fqdn = name && name->is_host_name() && name->labels().size() >= 2 && !net::parse_address(helo) &&
                       !name->text().ends_with(".localdomain") && !name->text().ends_with(".local");
  if (!is_fqdn) {
    add(report, "reverse_dns.helo-malformed", helo, {{"helo", helo}}, {said});
    co_return;
  }
  bool leads_home = false;
  for (const Identity& identity : identities) {
    const dns::Type type = dns::address_type(identity.address);
    const dns::Answer answer = co_await dns.query(*name, type);
    const std::string address = identity.address.to_string();
    if (!answer.is_definite()) {
      report.could_not_tell(no_answer(*name, type, answer));
      continue;
    }
    leads_home = leads_home || leads_to(answer, identity.address);
    if (!leads_to(answer, identity.address)) {
      std::vector<std::string> found;
      for (const net::Address& other : answer.all<net::Address>()) found.push_back(other.to_string());
      const Evidence seen{dns::type_text(type) + " " + name->text(), found.empty() ? std::string(dns::status_text(answer.status)) : text::joined(found, ", ")};
      add(report, "reverse_dns.helo-elsewhere", address, {{"helo", helo}, {"address", address}, {"type", dns::type_text(type)}}, {said, seen});
    } else if (!identity.names.empty() && std::find(identity.names.begin(), identity.names.end(), *name) == identity.names.end()) {
      add(report, "reverse_dns.helo-differs", helo, {{"helo", helo}, {"name", identity.names.front().text()}, {"address", address}}, {said, ptr_evidence(identity)});
    }
  }
  if (!leads_home && belongs_to_receiver(*name)) add(report, "reverse_dns.helo-of-receiver", helo, {{"helo", helo}}, {said});
}

Facts to_json(const Identity& identity) {
  boost::json::array names;
  for (const dns::Name& name : identity.names) names.push_back(boost::json::value(name.text()));
  return {{"address", identity.address.to_string()}, {"names", std::move(names)}, {"status", dns::status_text(identity.ptr.status)}, {"confirmed", identity.confirmed}};
}

}  // namespace

bool looks_generic(std::string_view host, const net::Address& address) {
  std::vector<std::string_view> tokens;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= host.size(); ++i) {
    if (i < host.size() && text::is_alnum(host[i])) continue;
    if (i > begin) tokens.push_back(host.substr(begin, i - begin));
    begin = i + 1;
  }
  static const std::set<std::string_view> words = {"dyn", "dynamic", "dsl", "adsl", "vdsl", "pool", "dhcp", "dialup", "dial", "ppp", "pppoe", "cable", "broadband", "dip", "client", "customer"};
  for (const std::string_view token : tokens) {
    std::string_view letters = token;
    while (!letters.empty() && text::is_digit(letters.back())) letters.remove_suffix(1);
    if (words.contains(letters) && letters.size() < host.size()) {
      // "client" and "customer" are also names that people choose: they count only with digits.
      if ((letters == "client" || letters == "customer") && letters.size() == token.size()) continue;
      return true;
    }
  }
  if (!address.is_v4()) return false;
  // The address's four numbers, in either order, as tokens or run together.
  std::vector<std::string> octets;
  for (const char byte : net::bytes_of(address)) octets.push_back(std::to_string(static_cast<unsigned char>(byte)));
  std::size_t found = 0;
  for (const std::string& octet : octets)
    found += std::any_of(tokens.begin(), tokens.end(), [&](std::string_view token) {
      while (!token.empty() && text::is_alpha(token.front())) token.remove_prefix(1);
      return token == octet;
    });
  std::string hex;
  for (const char byte : net::bytes_of(address)) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return found >= 3 || host.find(hex) != std::string_view::npos;
}

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report{.check = "reverse_dns"};
  if (target.sending_addresses.empty() && !target.helo) {
    report.outcome = Outcome::not_applicable;
    report.reason = "no sending address given (--ip)";
    co_return report;
  }
  std::vector<asio::awaitable<Identity>> work;
  for (const net::Address& address : target.sending_addresses) {
    if (!target.private_world && is_translated(address)) {
      Finding unknown{.id = "reverse_dns.behind-nat", .subject = address.to_string()};
      unknown.args = {{"address", address.to_string()}, {"use", std::string(net::special_use(address))}};
      unknown.evidence = {{"sending address", address.to_string()}};
      report.could_not_tell(std::move(unknown));
      continue;
    }
    work.push_back(identify(address, probes.dns));
  }
  const std::vector<Identity> identities = co_await net::in_parallel(std::move(work));
  boost::json::array rows;
  for (const Identity& identity : identities) {
    judge_identity(identity, target.domain, report);
    rows.push_back(to_json(identity));
  }
  report.facts["addresses"] = std::move(rows);
  if (target.helo) {
    report.facts["helo"] = *target.helo;
    co_await judge_helo(target, identities, probes.dns, report);
  }
  co_return report;
}

}  // namespace mailmedic::reverse_dns
