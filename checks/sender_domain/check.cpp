#include "checks/sender_domain/check.hpp"

#include <boost/json/array.hpp>

#include "checks/no_answer.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/net/parallel.hpp"

namespace mailmedic::sender_domain {

namespace {

enum class Role { from, mail_from };

/// What is known of one domain.
struct Standing {
  dns::Name domain;
  Role role = Role::from;
  dns::Answer soa, mx, a, aaaa;
  std::optional<dns::Name> apex;  ///< of the zone that the domain stands in

  bool is_nowhere() const { return soa.status == dns::Status::nx_domain; }
};

/// The zone's apex: where the SOA is, or where a negative answer says that it is (RFC 2308 section 2); a server that
/// leaves that out is asked for the names above, up to the top-level domain.
asio::awaitable<std::optional<dns::Name>> find_apex(const dns::Name& domain, const dns::Answer& soa, dns::Resolver& dns) {
  if (soa.status == dns::Status::answered) co_return domain;
  if (soa.zone) co_return soa.zone;
  std::optional<dns::Name> above = domain.parent();
  for (int steps = 0; above && above->labels().size() > 1 && steps < 8; ++steps) {
    const dns::Answer answer = co_await dns.query(*above, dns::Type::soa);
    if (answer.status == dns::Status::answered) co_return above;
    if (answer.zone) co_return answer.zone;
    if (!answer.is_definite()) co_return std::nullopt;
    above = above->parent();
  }
  co_return std::nullopt;
}

asio::awaitable<Standing> look_at(dns::Name domain, Role role, bool sends, dns::Resolver& dns) {
  Standing standing{.domain = domain, .role = role};
  std::vector<dns::Question> questions{{domain, dns::Type::soa}};
  if (sends)
    for (const dns::Type type : {dns::Type::mx, dns::Type::a, dns::Type::aaaa}) questions.push_back({domain, type});
  std::vector<dns::Answer> answers = co_await dns::query_all(dns, std::move(questions));
  standing.soa = std::move(answers[0]);
  if (sends) {
    standing.mx = std::move(answers[1]);
    standing.a = std::move(answers[2]);
    standing.aaaa = std::move(answers[3]);
  }
  if (standing.soa.is_definite() && !standing.is_nowhere()) standing.apex = co_await find_apex(domain, standing.soa, dns);
  co_return standing;
}

void add(CheckReport& report, std::string_view id, const Standing& standing, std::vector<Evidence> evidence) {
  Finding finding{.id = id, .subject = standing.domain.text()};
  finding.args = {{"domain", standing.domain.text()}, {"role", standing.role == Role::from ? "From" : "MAIL FROM"}};
  finding.evidence = std::move(evidence);
  report.findings.push_back(std::move(finding));
}

Evidence evidence_of(std::string_view type, const dns::Name& name, const dns::Answer& answer) {
  std::string text(dns::status_text(answer.status));
  for (const dns::Record& record : answer.records) text += "  " + record.text();
  return {std::string(type) + " " + name.text(), std::move(text)};
}

bool is_null_mx(const dns::Answer& mx) {
  const auto all = mx.all<dns::Mx>();
  return all.size() == 1 && all.front().host.is_root();
}

void judge(const Standing& standing, bool sends, CheckReport& report) {
  if (!standing.soa.is_definite()) return report.could_not_tell(no_answer(standing.domain, dns::Type::soa, standing.soa));
  if (standing.is_nowhere()) {
    // The From domain's absence is what the check of mail exchangers says already.
    if (standing.role == Role::mail_from) add(report, "sender_domain.does-not-exist", standing, {evidence_of("SOA", standing.domain, standing.soa)});
    return;
  }
  if (!standing.apex) add(report, "sender_domain.no-soa", standing, {evidence_of("SOA", standing.domain, standing.soa)});
  if (!sends) return;
  if (!standing.mx.is_definite()) return report.could_not_tell(no_answer(standing.domain, dns::Type::mx, standing.mx));
  if (is_null_mx(standing.mx)) return add(report, "sender_domain.null-mx", standing, {evidence_of("MX", standing.domain, standing.mx)});
  if (standing.mx.status == dns::Status::answered) return;
  for (const auto& [type, answer] : {std::pair(dns::Type::a, &standing.a), {dns::Type::aaaa, &standing.aaaa}}) {
    if (answer->status == dns::Status::answered) return;
    if (!answer->is_definite()) return report.could_not_tell(no_answer(standing.domain, type, *answer));
  }
  add(report, "sender_domain.takes-no-mail", standing,
      {evidence_of("MX", standing.domain, standing.mx), evidence_of("A", standing.domain, standing.a), evidence_of("AAAA", standing.domain, standing.aaaa)});
}

Facts to_json(const Standing& standing) {
  return {{"domain", standing.domain.text()}, {"role", standing.role == Role::from ? "from" : "mail-from"}, {"soa", dns::status_text(standing.soa.status)},
          {"zone", standing.apex ? boost::json::value(standing.apex->text()) : boost::json::value(nullptr)}};
}

}  // namespace

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report{.check = "sender_domain"};
  std::vector<asio::awaitable<Standing>> work;
  const bool sends = !target.sending_addresses.empty();
  work.push_back(look_at(target.domain, Role::from, sends, probes.dns));
  if (target.mail_from && *target.mail_from != target.domain) work.push_back(look_at(*target.mail_from, Role::mail_from, sends, probes.dns));
  boost::json::array rows;
  for (const Standing& standing : co_await net::in_parallel(std::move(work))) {
    judge(standing, sends, report);
    rows.push_back(to_json(standing));
  }
  report.facts["domains"] = std::move(rows);
  co_return report;
}

}  // namespace mailmedic::sender_domain
