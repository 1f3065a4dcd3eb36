#include "checks/mx/check.hpp"

#include <fmt/format.h>

#include <set>

#include "checks/no_answer.hpp"
#include "lib/smtp/mail_hosts.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::mx {

namespace {

using smtp::MailHost;
using smtp::MailHosts;

std::string mx_line(const dns::Mx& mx) {
  return fmt::format("{} {}", mx.preference, mx.host.is_root() ? "." : mx.host.text() + ".");
}

Evidence mx_evidence(const MailHosts& mail) {
  std::vector<std::string> lines;
  for (const dns::Mx& mx : mail.mx.all<dns::Mx>()) lines.push_back(mx_line(mx));
  return {"MX " + mail.domain.text(), lines.empty() ? std::string(dns::status_text(mail.mx.status)) : text::joined(lines, ", ")};
}

Evidence address_evidence(const MailHost& host) {
  return {"A, AAAA " + host.name.text(), fmt::format("{}; {}", dns::status_text(host.a.status), dns::status_text(host.aaaa.status))};
}

class Judge {
 public:
  Judge(const Target& target, const MailHosts& mail, CheckReport& report) : target_(target), mail_(mail), report_(report) {}

  void run() {
    switch (mail_.kind) {
      case MailHosts::Kind::unknown: return unknown();
      case MailHosts::Kind::none: return none();
      case MailHosts::Kind::null_mx: return add("mx.null", mail_.domain.text(), {}, {mx_evidence(mail_)});
      case MailHosts::Kind::implicit:
        add("mx.implicit", mail_.domain.text(), {{"domain", mail_.domain.text()}}, {mx_evidence(mail_)});
        break;
      case MailHosts::Kind::listed: records(); break;
    }
    std::size_t unusable = 0;
    for (const MailHost& host : mail_.hosts) unusable += !judge_host(host);
    if (unusable == mail_.hosts.size() && all_definite())
      add("mx.none-usable", mail_.domain.text(), {{"domain", mail_.domain.text()}}, {mx_evidence(mail_)});
    if (mail_.hosts.size() == 1 && mail_.hosts[0].addresses.size() == 1)
      add("mx.single", mail_.domain.text(), {{"host", mail_.hosts[0].name.text()}}, {mx_evidence(mail_)});
  }

 private:
  void add(std::string_view id, std::string subject, Args args, std::vector<Evidence> evidence) {
    Finding finding{.id = id, .subject = std::move(subject)};
    finding.args = std::move(args);
    finding.evidence = std::move(evidence);
    report_.findings.push_back(std::move(finding));
  }

  bool all_definite() const {
    return std::all_of(mail_.hosts.begin(), mail_.hosts.end(), [](const MailHost& host) { return host.is_definite(); });
  }

  void unknown() {
    if (!mail_.mx.is_definite()) return report_.could_not_tell(no_answer(mail_.domain, dns::Type::mx, mail_.mx));
    for (const MailHost& host : mail_.hosts) address_unknowns(host);
  }

  void address_unknowns(const MailHost& host) {
    if (!host.a.is_definite()) report_.could_not_tell(no_answer(host.name, dns::Type::a, host.a));
    if (!host.aaaa.is_definite()) report_.could_not_tell(no_answer(host.name, dns::Type::aaaa, host.aaaa));
  }

  void none() {
    const bool missing = mail_.mx.status == dns::Status::nx_domain;
    add(missing ? "mx.no-such-domain" : "mx.none", mail_.domain.text(), {{"domain", mail_.domain.text()}}, {mx_evidence(mail_)});
  }

  /// The MX records themselves. RFC 5321 section 5.1, RFC 7505 section 3.
  void records() {
    const auto all = mail_.mx.all<dns::Mx>();
    std::set<std::string> seen, twice;
    bool has_null = false;
    for (const dns::Mx& mx : all) {
      has_null = has_null || mx.host.is_root();
      if (!seen.insert(mx.host.text()).second) twice.insert(mx.host.text());
    }
    if (has_null) add("mx.null-among-others", mail_.domain.text(), {{"domain", mail_.domain.text()}}, {mx_evidence(mail_)});
    for (const std::string& host : twice) add("mx.duplicate", mail_.domain.text(), {{"host", host}}, {mx_evidence(mail_)});
  }

  /// Can mail be sent to this host at all, as far as DNS tells?
  bool judge_host(const MailHost& host) {
    const std::string& name = host.name.text();
    if (host.name.is_root()) return false;
    if (net::parse_address(name)) {
      add("mx.address-literal", name, {{"host", name}, {"domain", mail_.domain.text()}}, {mx_evidence(mail_)});
      return false;
    }
    if (mail_.kind == MailHosts::Kind::listed && (!host.a.aliases.empty() || !host.aaaa.aliases.empty())) {
      const auto& aliases = host.a.aliases.empty() ? host.aaaa.aliases : host.a.aliases;
      add("mx.alias", name, {{"host", name}, {"canonical", aliases.back().text()}, {"domain", mail_.domain.text()}},
          {{"CNAME " + name, aliases.front().text()}});
    }
    if (host.addresses.empty()) {
      if (!host.is_definite()) {
        address_unknowns(host);
        return true;
      }
      add("mx.host-without-address", name, {{"host", name}, {"domain", mail_.domain.text()}}, {address_evidence(host)});
      return false;
    }
    if (!host.is_definite()) address_unknowns(host);
    std::size_t special = 0;
    for (const net::Address& address : host.addresses) {
      const std::string_view use = net::special_use(address);
      if (use.empty() || target_.private_world) continue;
      ++special;
      add("mx.special-address", name, {{"host", name}, {"address", address.to_string()}, {"use", std::string(use)}},
          {{(address.is_v4() ? "A " : "AAAA ") + name, address.to_string()}});
    }
    return special < host.addresses.size();
  }

  const Target& target_;
  const MailHosts& mail_;
  CheckReport& report_;
};

Facts to_json(const MailHosts& mail) {
  static constexpr std::string_view kinds[] = {"listed", "implicit", "null", "none", "unknown"};
  Facts facts{{"kind", kinds[static_cast<int>(mail.kind)]}, {"dnssec", mail.mx.authentic}};
  boost::json::array hosts;
  for (const MailHost& host : mail.hosts) {
    boost::json::array addresses;
    for (const net::Address& address : host.addresses) addresses.push_back(boost::json::value(address.to_string()));
    hosts.push_back(Facts{{"host", host.name.text()}, {"preference", host.preference}, {"addresses", std::move(addresses)},
                          {"a", dns::status_text(host.a.status)}, {"aaaa", dns::status_text(host.aaaa.status)}});
  }
  facts["hosts"] = std::move(hosts);
  return facts;
}

}  // namespace

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report{.check = "mx"};
  const MailHosts mail = co_await smtp::find_mail_hosts(probes.dns, target.domain);
  report.facts = to_json(mail);
  Judge(target, mail, report).run();
  co_return report;
}

}  // namespace mailmedic::mx
