#include "checks/dnssec/check.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <set>

#include "checks/no_answer.hpp"
#include "lib/dns/chain_of_trust.hpp"
#include "lib/dns/fitness.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/smtp/mail_hosts.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::dnssec {

namespace json = boost::json;

namespace {

/// Signatures that end sooner than this were not renewed in time: signers renew them days before. RFC 6781 section 4.4.2.
constexpr std::chrono::hours soon(36);

/// The names whose zones the domain's mail rests on: its own, its mail hosts', its policies'.
asio::awaitable<std::vector<dns::Name>> names_of(const Target& target, Probes& probes) {
  std::vector<dns::Name> out{target.domain};
  const smtp::MailHosts mail = co_await smtp::find_mail_hosts(probes.dns, target.domain);
  for (const smtp::MailHost& host : mail.hosts)
    if (std::find(out.begin(), out.end(), host.name) == out.end() && out.size() < 16) out.push_back(host.name);
  if (const auto dmarc = target.domain.prefixed("_dmarc")) out.push_back(*dmarc);
  for (const std::string& selector : target.selectors)
    if (const auto key = target.domain.prefixed(selector + "._domainkey"); key && out.size() < 32) out.push_back(*key);
  co_return out;
}

json::object link_json(const dns::Link& link) {
  json::object out{{"zone", link.zone.text()}, {"security", dns::security_text(link.security)}};
  if (!link.why.empty()) out["why"] = link.why;
  json::array ds;
  for (const std::string& text : link.ds) ds.push_back(json::value(text));
  if (!link.ds.empty()) out["ds"] = std::move(ds);
  return out;
}

/// Judges each zone of the chains once.
class LinkJudge {
 public:
  LinkJudge(TimePoint now, CheckReport& report) : now_(now), report_(report) {}

  void one(const dns::Link& link, const dns::Name& name) {
    if (!seen_.insert(link.zone).second) return;
    const std::string zone = link.zone.is_root() ? "." : link.zone.text();
    Finding finding{.id = {}, .subject = zone};
    finding.args = {{"zone", zone}, {"name", name.text()}, {"why", link.why}, {"ds", text::joined(link.ds, "; ")}, {"weak", text::joined(link.weak, ", ")}};
    finding.evidence = {{fmt::format("chain of trust to {}", name.text()), link.why.empty() ? "DS " + text::joined(link.ds, "; ") : link.why}};
    if (link.security == dns::Security::bogus) {
      finding.id = "dnssec.broken";
      report_.findings.push_back(finding);
    } else if (link.security == dns::Security::unknown) {
      finding.id = "dnssec.not-measured";
      report_.could_not_tell(finding);
    }
    if (link.security == dns::Security::secure && !link.weak.empty()) {
      finding.id = "dnssec.weak";
      report_.findings.push_back(finding);
    }
    if (link.keys_expire && !link.zone.is_root()) expiry(*link.keys_expire, "DNSKEY", link.zone);
  }

  void expiry(std::chrono::sys_seconds ends, std::string_view what, const dns::Name& name) {
    const auto left = ends - std::chrono::floor<std::chrono::seconds>(now_);
    if (left > soon) return;
    Finding finding{.id = "dnssec.expires", .subject = name.text()};
    finding.args = {{"name", name.text()}, {"what", std::string(what)}, {"hours", std::to_string(std::chrono::duration_cast<std::chrono::hours>(left).count())}};
    finding.evidence = {{fmt::format("RRSIG of {} {}", what, name.text()), fmt::format("ends in {} hours", std::chrono::duration_cast<std::chrono::hours>(left).count())}};
    report_.findings.push_back(std::move(finding));
  }

 private:
  TimePoint now_;
  CheckReport& report_;
  std::set<dns::Name> seen_;
};

asio::awaitable<void> check_chains(const std::vector<dns::Name>& names, Probes& probes, CheckReport& report) {
  LinkJudge judge(probes.now, report);
  json::array rows;
  for (const dns::Name& name : names) {
    const dns::Chain chain = co_await probes.chain->to(name);
    json::array links;
    for (const dns::Link& link : chain.links) {
      judge.one(link, name);
      links.push_back(link_json(link));
    }
    rows.push_back(json::object{{"name", name.text()}, {"security", dns::security_text(chain.security())}, {"chain", std::move(links)}});
  }
  report.facts["names"] = std::move(rows);
}

/// Records whose own signatures do not hold, in a zone whose chain does.
asio::awaitable<void> check_records(const Target& target, Probes& probes, CheckReport& report) {
  std::vector<dns::Question> questions;
  for (const dns::Type type : {dns::Type::mx, dns::Type::txt, dns::Type::a}) questions.push_back({target.domain, type});
  const std::vector<dns::Answer> answers = co_await dns::query_all(probes.dns, questions);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].status != dns::Status::bogus) continue;
    Finding finding{.id = "dnssec.broken", .subject = target.domain.text()};
    finding.args = {{"zone", target.domain.text()}, {"name", target.domain.text()}, {"why", answers[i].why}, {"ds", ""}, {"weak", ""}};
    finding.evidence = {{fmt::format("{} {}", dns::type_text(questions[i].type), target.domain.text()), answers[i].why}};
    report.findings.push_back(std::move(finding));
    co_return;
  }
}

/// By the resolver's word: what it vouches for is secure, what it refuses with a reason is bogus.
asio::awaitable<void> check_by_resolver(const Target& target, const std::vector<dns::Name>& names, Probes& probes, CheckReport& report) {
  const dns::Fitness fitness = co_await dns::measure_fitness(probes.dns, dns::Name::parse("dnssec-failed.org").value());
  report.facts["resolver"] = json::object{{"server", fitness.server}, {"validation", dns::validation_text(fitness.validation)}, {"local", fitness.is_local},
                                          {"rewrites_absence", fitness.rewrites_absence}, {"public_service", fitness.public_service}};
  if (fitness.validation == dns::Validation::unknown) {
    const dns::Answer root = co_await probes.dns.query(dns::Name(), dns::Type::soa);
    report.could_not_tell(no_answer(dns::Name(), dns::Type::soa, root));
  }
  if (fitness.validation != dns::Validation::proved && fitness.validation != dns::Validation::claimed) co_return;
  std::vector<dns::Question> questions;
  for (const dns::Name& name : names) questions.push_back({name, name == target.domain ? dns::Type::mx : dns::Type::a});
  const std::vector<dns::Answer> answers = co_await dns::query_all(probes.dns, questions);
  json::array rows;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const dns::Answer& answer = answers[i];
    const dns::Security security = answer.status == dns::Status::bogus ? dns::Security::bogus
                                   : !answer.is_definite()              ? dns::Security::unknown
                                   : answer.authentic                   ? dns::Security::secure
                                                                        : dns::Security::insecure;
    rows.push_back(json::object{{"name", names[i].text()}, {"security", dns::security_text(security)}});
    if (security == dns::Security::unknown) report.could_not_tell(no_answer(names[i], questions[i].type, answer));
    if (security != dns::Security::bogus) continue;
    Finding finding{.id = "dnssec.broken", .subject = names[i].text()};
    finding.args = {{"zone", names[i].text()}, {"name", names[i].text()}, {"why", answer.why}, {"ds", ""}, {"weak", ""}};
    finding.evidence = {{fmt::format("{} {}", dns::type_text(questions[i].type), names[i].text()), answer.why}};
    report.findings.push_back(std::move(finding));
  }
  report.facts["names"] = std::move(rows);
}

}  // namespace

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report{.check = "dnssec"};
  const std::vector<dns::Name> names = co_await names_of(target, probes);
  if (probes.chain) {
    co_await check_chains(names, probes, report);
    if (report.findings.empty()) co_await check_records(target, probes, report);
  } else {
    co_await check_by_resolver(target, names, probes, report);
  }
  co_return report;
}

}  // namespace mailmedic::dnssec
