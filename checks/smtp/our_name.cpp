#include "checks/smtp/our_name.hpp"

#include <algorithm>

#include "checks/smtp/about.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::smtp {

namespace {
/// The first conversation in which the name was said over a network.
const Probe* speaker_of(const Survey& survey) {
  for (const SurveyedHost& host : survey.hosts)
    for (const Probe& probe : host.probes)
      if (probe.stage(Stage::ehlo) && probe.request.socket_path.empty() && !probe.request.proxy) return &probe;
  return nullptr;
}
}  // namespace

asio::awaitable<void> judge_our_name(const Survey& survey, dns::Resolver& dns, CheckReport& report) {
  const Probe* probe = speaker_of(survey);
  if (!probe) co_return;
  const std::string name = probe->our_name;
  Finding finding{.subject = name, .args = {{"name", name}, {"address", probe->our_address.to_string()}}};
  const auto parsed = dns::Name::parse(name);
  if (name.starts_with('[') || !parsed) {
    finding.id = "smtp.our-name-literal";
    finding.evidence = {at(*probe, "EHLO", name)};
    report.findings.push_back(std::move(finding));
    co_return;
  }
  std::vector<dns::Question> questions{{*parsed, dns::Type::a}, {*parsed, dns::Type::aaaa}};
  const std::vector<dns::Answer> answers = co_await dns::query_all(dns, std::move(questions));
  std::vector<std::string> found;
  bool is_ours = false;
  for (const dns::Answer& answer : answers) {
    if (!answer.is_definite()) co_return;  // what could not be asked is no fault of the name
    for (const net::Address& address : answer.all<net::Address>()) {
      found.push_back(address.to_string());
      is_ours = is_ours || address == probe->our_address;
    }
  }
  const bool hidden = !net::special_use(probe->our_address).empty();
  if (is_ours || (hidden && !found.empty())) co_return;
  finding.id = found.empty() ? "smtp.our-name-missing" : "smtp.our-name-elsewhere";
  finding.args.emplace_back("addresses", text::joined(found, ", "));
  finding.evidence = {at(*probe, "EHLO", name), {"A, AAAA " + name, found.empty() ? std::string(dns::status_text(answers.front().status)) : text::joined(found, ", ")}};
  report.findings.push_back(std::move(finding));
}

}  // namespace mailmedic::smtp
